# kind: solution
# target: fault
# why: The cut-off is set by out-of-fold predictions of the whole pipeline, axes and all.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline


class FaultPca(ClassifierMixin, BaseEstimator):
    def __init__(self, n=12):
        self.n = n

    def fit(self, X, y):
        logs = np.log1p(X.clip(lower=0))
        pipe = make_pipeline(PCA(n_components=self.n, whiten=True, random_state=0), LogisticRegression(max_iter=1000))
        proba = cross_val_predict(pipe, logs, y, cv=5, method="predict_proba")[:, 1]
        prec, rec, thr = precision_recall_curve(y, proba)
        f1 = 2 * prec * rec / (prec + rec + 1e-12)
        self.thr_ = thr[np.argmax(f1[:-1])]
        self.pipe_ = pipe.fit(logs, y)
        self.classes_ = self.pipe_.classes_
        return self

    def predict_proba(self, X):
        return self.pipe_.predict_proba(np.log1p(X.clip(lower=0)))

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= self.thr_).astype(int)


def build():
    return FaultPca()
