# kind: solution
# target: strength
# leak: in-sample-scores
# line: 29
# why: the second level learns from first-level predictions of rows those models were fitted on.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor


class Blend(RegressorMixin, BaseEstimator):
    def __init__(self, members=None):
        self.members = members

    def _members(self):
        return self.members or [
            ExtraTreesRegressor(200, random_state=0),
            KNeighborsRegressor(5, weights="distance"),
            Ridge(1.0),
        ]

    def _level_one(self, X):
        return np.column_stack([m.predict(X) for m in self.fitted_])

    def fit(self, X, y):
        self.fitted_ = [clone(m).fit(X, y) for m in self._members()]
        self.top_ = LinearRegression(positive=True).fit(self._level_one(X), y)
        return self

    def predict(self, X):
        return self.top_.predict(self._level_one(X))


def build():
    return Blend()
