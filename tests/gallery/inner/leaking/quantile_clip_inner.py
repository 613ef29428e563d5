# kind: solution
# target: income
# leak: fit-before-split
# line: 18
# why: The bounds that outliers are cut at come from all rows before the folds are made.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import HuberRegressor
from sklearn.model_selection import ShuffleSplit


class ClippedHuber(BaseEstimator, RegressorMixin):
    def __init__(self, epsilons=(1.1, 1.35, 2.0)):
        self.epsilons = epsilons

    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(0)
        self.low_ = X.quantile(0.01)
        self.high_ = X.quantile(0.99)
        Z = X.clip(self.low_, self.high_, axis=1).to_numpy()
        y = np.asarray(y)
        table = {}
        for eps in self.epsilons:
            table[eps] = np.median([
                np.abs(HuberRegressor(epsilon=eps).fit(Z[a], y[a]).predict(Z[b]) - y[b]).mean()
                for a, b in ShuffleSplit(8, test_size=0.25, random_state=0).split(Z)
            ])
        self.model_ = HuberRegressor(epsilon=min(table, key=table.get)).fit(Z, y)
        return self

    def predict(self, X):
        return self.model_.predict(X[self.low_.index].fillna(0).clip(self.low_, self.high_, axis=1).to_numpy())


def build():
    return ClippedHuber()
