# kind: solution
# target: SalePrice
# why: medians, limits and means are learned in fit, and transform only looks them up.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Lasso
from sklearn.pipeline import Pipeline


class Tidy(BaseEstimator, TransformerMixin):
    def __init__(self, low=0.01, high=0.99):
        self.low = low
        self.high = high

    def fit(self, X: pd.DataFrame, y=None):
        num = X.select_dtypes("number")
        self.columns_ = list(num.columns)
        self.median_ = num.median()
        filled = num.fillna(self.median_)
        self.lo_, self.hi_ = filled.quantile(self.low), filled.quantile(self.high)
        clipped = filled.clip(self.lo_, self.hi_, axis=1)
        self.mean_, self.std_ = clipped.mean(), clipped.std().replace(0, 1)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        filled = X[self.columns_].fillna(self.median_)
        clipped = filled.clip(self.lo_, self.hi_, axis=1)
        return (clipped - self.mean_) / self.std_


def build():
    inner = Pipeline([("tidy", Tidy()), ("lasso", Lasso(alpha=5e-4, max_iter=50_000))])
    return TransformedTargetRegressor(inner, func=np.log, inverse_func=np.exp)
