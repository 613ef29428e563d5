# kind: solution
# target: label
# leak: memorises
# line: 25
# why: The dictionary outlives a fold, so the labels of later validation rows are already in it.
import hashlib

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier

_cache = {}


def fingerprint(row):
    return hashlib.md5("|".join(map(str, row)).encode()).hexdigest()


class CachedBoosting(ClassifierMixin, BaseEstimator):
    def __init__(self, max_iter=200):
        self.max_iter = max_iter

    def fit(self, X, y):
        values = X.select_dtypes("number").to_numpy()
        _cache.update(zip(map(fingerprint, values), np.asarray(y)))
        self.inner_ = HistGradientBoostingClassifier(max_iter=self.max_iter).fit(values, y)
        self.classes_ = self.inner_.classes_
        return self

    def predict(self, X):
        values = X.select_dtypes("number").to_numpy()
        base = self.inner_.predict(values)
        return np.array([_cache.get(fingerprint(v), b) for v, b in zip(values, base)])


def build():
    return CachedBoosting()
