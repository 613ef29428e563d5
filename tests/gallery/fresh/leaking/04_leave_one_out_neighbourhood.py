# kind: solution
# target: rent
# leak: target-encoding
# line: 26
# why: the leave-one-out mean differs from the group's mean only by the row's own rent, so a tree can read the rent off it.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import GradientBoostingRegressor


class RentModel(RegressorMixin, BaseEstimator):
    def __init__(self, n_estimators=300, learning_rate=0.05):
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate

    def fit(self, X, y):
        codes, self.names_ = pd.factorize(X["neighbourhood"])
        rent = np.asarray(y, dtype=float)
        total = np.bincount(codes, weights=rent)
        count = np.bincount(codes)
        self.overall_ = rent.mean()
        self.means_ = dict(zip(self.names_, total / count))
        others = np.where(
            count[codes] > 1,
            (total[codes] - rent) / np.maximum(count[codes] - 1, 1),
            self.overall_,
        )
        A = np.column_stack([self._base(X), others])
        self.gbr_ = GradientBoostingRegressor(
            n_estimators=self.n_estimators, learning_rate=self.learning_rate
        ).fit(A, rent)
        return self

    def _base(self, X):
        return X[["sqft", "beds", "baths"]].fillna(0).to_numpy(float)

    def predict(self, X):
        coded = X["neighbourhood"].map(self.means_).fillna(self.overall_)
        return self.gbr_.predict(np.column_stack([self._base(X), coded]))


def build():
    return RentModel()
