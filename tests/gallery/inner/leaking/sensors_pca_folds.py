# kind: solution
# target: fault
# leak: fit-before-split
# line: 20
# why: Principal axes are learned from all rows, and out-of-fold predictions on them set the cut-off.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import cross_val_predict


class FaultPca(ClassifierMixin, BaseEstimator):
    def __init__(self, n=12):
        self.n = n

    def fit(self, X, y):
        self.pca_ = PCA(n_components=self.n, whiten=True, random_state=0)
        scores = self.pca_.fit_transform(np.log1p(X.clip(lower=0)))
        proba = cross_val_predict(LogisticRegression(max_iter=1000), scores, y, cv=5, method="predict_proba")[:, 1]
        prec, rec, thr = precision_recall_curve(y, proba)
        f1 = 2 * prec * rec / (prec + rec + 1e-12)
        self.thr_ = thr[np.argmax(f1[:-1])]
        self.lr_ = LogisticRegression(max_iter=1000).fit(scores, y)
        self.classes_ = self.lr_.classes_
        return self

    def predict_proba(self, X):
        return self.lr_.predict_proba(self.pca_.transform(np.log1p(X.clip(lower=0))))

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= self.thr_).astype(int)


def build():
    return FaultPca()
