# kind: solution
# target: price
# leak: target-encoding
# line: 39
# why: each training flat is its own nearest neighbour, so its own price enters the average of its neighbourhood.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.neighbors import NearestNeighbors


class NeighbourhoodLevel:
    def __init__(self, k=10):
        self.index = NearestNeighbors(n_neighbors=k)

    def remember(self, where, price):
        self.index.fit(where)
        self.price = price
        return self

    def level(self, where):
        dist, idx = self.index.kneighbors(where)
        w = 1.0 / (dist + 1e-3)
        return (self.price[idx] * w).sum(axis=1) / w.sum(axis=1)


class FlatPrices(RegressorMixin, BaseEstimator):
    def __init__(self, k=10):
        self.k = k

    def _where(self, X):
        return X[["lat", "lon"]].to_numpy(float)

    def _table(self, X):
        return np.column_stack([X[["area_m2", "floor"]], self.area_.level(self._where(X))])

    def fit(self, X, y):
        self.area_ = NeighbourhoodLevel(self.k).remember(self._where(X), np.asarray(y, float))
        self.gbm_ = HistGradientBoostingRegressor(early_stopping=False).fit(self._table(X), y)
        return self

    def predict(self, X):
        return self.gbm_.predict(self._table(X))


def build():
    return FlatPrices()
