# kind: solution
# target: rent
# leak: target-encoding
# line: 24
# why: the mean rent of a zip code includes the row that it is given to as a feature, without folds or leaving the row out.
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor


class RentModel(BaseEstimator, RegressorMixin):
    """Flat rents from size, rooms and the level of the neighbourhood."""

    base = ["sqm", "rooms", "floor", "year_built"]

    def __init__(self, keys=("zip", "street"), n_estimators=300):
        self.keys = keys
        self.n_estimators = n_estimators

    def fit(self, X, y):
        d = X.copy()
        d["__y"] = pd.Series(y).to_numpy()
        self.prior_ = d["__y"].mean()
        self.tables_ = {k: d.groupby(k)["__y"].mean() for k in self.keys}
        self.rf_ = RandomForestRegressor(self.n_estimators, n_jobs=-1, random_state=3)
        self.rf_.fit(self._design(X), y)
        return self

    def _design(self, X):
        D = X[self.base].fillna(0).copy()
        for k, table in self.tables_.items():
            D[k + "_level"] = X[k].map(table).fillna(self.prior_)
        return D

    def predict(self, X):
        return self.rf_.predict(self._design(X))


def build():
    return RentModel()
