# kind: solution
# target: adulterated
# why: mean and deviation run across the bands of one row (axis=1), no other row takes part.
import numpy as np
from sklearn.cross_decomposition import PLSRegression
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def snv(A):
    """Standard normal variate: the usual scatter correction of NIR."""
    A = np.asarray(A, dtype=float)
    return (A - A.mean(axis=1, keepdims=True)) / A.std(axis=1, keepdims=True)


class PLSDA(ClassifierMixin, BaseEstimator):
    def __init__(self, n_components=2):
        self.n_components = n_components

    def fit(self, A, y):
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.pls_ = PLSRegression(self.n_components).fit(A, np.eye(len(self.classes_))[codes])
        return self

    def predict(self, A):
        return self.classes_[self.pls_.predict(A).argmax(axis=1)]


def build():
    return make_pipeline(FunctionTransformer(snv), PLSDA())
