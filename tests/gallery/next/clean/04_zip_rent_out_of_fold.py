# kind: solution
# target: rent
# why: training rows get the mean of other folds, new rows the mean of all training rows; nobody's own rent is used for it.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import KFold


def shrunk_means(keys, t, weight):
    prior = t.mean()
    agg = t.groupby(keys).agg(["sum", "count"])
    return (agg["sum"] + weight * prior) / (agg["count"] + weight), prior


class RentModel(BaseEstimator, RegressorMixin):
    base = ["sqm", "rooms", "floor", "year_built"]

    def __init__(self, key="zip", weight=20.0, n_estimators=300):
        self.key = key
        self.weight = weight
        self.n_estimators = n_estimators

    def _design(self, X, level):
        return X[self.base].fillna(0).assign(level=np.asarray(level))

    def fit(self, X, y):
        X = X.reset_index(drop=True)
        t = pd.Series(np.asarray(y, dtype=float))
        level = np.empty(len(X))
        for a, b in KFold(10, shuffle=True, random_state=0).split(X):
            table, prior = shrunk_means(X[self.key].iloc[a], t.iloc[a], self.weight)
            level[b] = X[self.key].iloc[b].map(table).fillna(prior)
        self.rf_ = RandomForestRegressor(self.n_estimators, n_jobs=-1, random_state=3)
        self.rf_.fit(self._design(X, level), t)
        self.table_, self.prior_ = shrunk_means(X[self.key], t, self.weight)
        return self

    def predict(self, X):
        level = X[self.key].map(self.table_).fillna(self.prior_)
        return self.rf_.predict(self._design(X, level))


def build():
    return RentModel()
