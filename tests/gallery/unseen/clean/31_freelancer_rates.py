# kind: solution
# target: day_rate
# why: Training rows get means from the other folds, validation rows get means of the training rows.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import KFold


class RateModel(RegressorMixin, BaseEstimator):
    def __init__(self, keys=("skill", "town", "industry"), weight=10):
        self.keys = keys
        self.weight = weight

    def _means(self, keys, y):
        sums = y.groupby(keys).agg(["sum", "count"])
        return (sums["sum"] + self.weight * y.mean()) / (sums["count"] + self.weight)

    def fit(self, X, y):
        X = X.reset_index(drop=True)
        y = pd.Series(np.asarray(y, dtype=float))
        Z = X[["experience_years", "remote_share"]].fillna(0).copy()
        for key in self.keys:
            Z[key] = y.mean()
            for a, b in KFold(5, shuffle=True, random_state=0).split(X):
                means = self._means(X[key].iloc[a], y.iloc[a])
                Z.loc[b, key] = X[key].iloc[b].map(means).fillna(y.iloc[a].mean())
        self.mean_ = y.mean()
        self.maps_ = {key: self._means(X[key], y) for key in self.keys}
        self.model_ = GradientBoostingRegressor(max_depth=4, n_estimators=300, random_state=0).fit(Z, y)
        return self

    def predict(self, X):
        Z = X[["experience_years", "remote_share"]].fillna(0).copy()
        for key in self.keys:
            Z[key] = X[key].map(self.maps_[key]).fillna(self.mean_)
        return self.model_.predict(Z)


def build():
    return RateModel()
