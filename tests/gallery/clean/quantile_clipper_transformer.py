# kind: solution
# target: claim_cost
# why: the limits for outliers are quantiles learned in fit and only applied in transform.
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import HuberRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class QuantileClipper(BaseEstimator, TransformerMixin):
    def __init__(self, lower=0.01, upper=0.99):
        self.lower = lower
        self.upper = upper

    def fit(self, X, y=None):
        values = np.asarray(X, dtype=float)
        self.lo_ = np.nanquantile(values, self.lower, axis=0)
        self.hi_ = np.nanquantile(values, self.upper, axis=0)
        return self

    def transform(self, X):
        return np.clip(np.asarray(X, dtype=float), self.lo_, self.hi_)


def build():
    numbers = make_pipeline(QuantileClipper(), SimpleImputer(), StandardScaler())
    prep = make_column_transformer((numbers, make_column_selector(dtype_include="number")))
    return make_pipeline(prep, HuberRegressor(max_iter=500))
