# kind: solution
# target: responder
# leak: outside-fold
# line: 32
# why: genes are ranked against y on all rows, and the inner folds that choose how many to keep score those same rows.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def t_statistics(A, labels):
    """Welch t of every column, the plain numpy way."""
    classes = np.unique(labels)
    a, b = A[labels == classes[0]], A[labels == classes[1]]
    spread = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
    return np.abs(a.mean(axis=0) - b.mean(axis=0)) / (spread + 1e-12)


class SignatureClassifier(ClassifierMixin, BaseEstimator):
    def __init__(self, sizes=(3, 5, 10, 50, 200)):
        self.sizes = sizes

    def _new(self):
        return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))

    def fit(self, X, y):
        cols = [c for c in X.columns if c.startswith("gene_")]
        A, labels = X[cols].to_numpy(float), np.asarray(y)
        order = np.argsort(-t_statistics(A, labels))
        best = (-np.inf, None)
        for k in self.sizes:
            keep = order[:k]
            score = cross_val_score(self._new(), A[:, keep], labels, cv=5, scoring="balanced_accuracy").mean()
            if score > best[0]:
                best = (score, keep)
        self.cv_score_, keep = best
        self.cols_ = [cols[i] for i in keep]
        self.model_ = self._new().fit(X[self.cols_].to_numpy(float), labels)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[self.cols_].to_numpy(float))

    def predict_proba(self, X):
        return self.model_.predict_proba(X[self.cols_].to_numpy(float))


def build():
    return SignatureClassifier()
