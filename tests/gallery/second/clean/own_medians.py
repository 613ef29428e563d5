# kind: solution
# target: quality
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import ExtraTreesRegressor


class MedianTrees(RegressorMixin, BaseEstimator):
    """Learns medians, clipping limits and the list of useful columns from what fit is given."""

    def __init__(self, n_estimators=400, top=20):
        self.n_estimators = n_estimators
        self.top = top

    def _clean(self, X):
        Z = X[self.columns_].fillna(self.medians_)
        return Z.clip(self.low_, self.high_, axis=1)

    def fit(self, X, y):
        numbers = X.select_dtypes("number")
        y = pd.Series(np.asarray(y), index=numbers.index)
        strength = numbers.corrwith(y).abs().sort_values(ascending=False)
        self.columns_ = list(strength.index[: self.top])
        part = numbers[self.columns_]
        self.medians_ = part.median()
        self.low_, self.high_ = part.quantile(0.005), part.quantile(0.995)
        self.trees_ = ExtraTreesRegressor(self.n_estimators, min_samples_leaf=2, n_jobs=-1, random_state=0)
        self.trees_.fit(self._clean(X), y)
        return self

    def predict(self, X):
        return self.trees_.predict(self._clean(X))


def build():
    return MedianTrees(top=15)
