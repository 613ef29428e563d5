# kind: solution
# target: next_year_ebit
# why: the quantiles are learnt in fit and only applied in transform.
import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import HuberRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


class Winsor(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    def __init__(self, low=0.01, high=0.99):
        self.low = low
        self.high = high

    def fit(self, X, y=None):
        A = np.asarray(X, dtype=float)
        self.n_features_in_ = A.shape[1]
        self.lo_, self.hi_ = np.nanquantile(A, [self.low, self.high], axis=0)
        return self

    def transform(self, X):
        return np.clip(np.asarray(X, dtype=float), self.lo_, self.hi_)


def build():
    model = Pipeline([("tails", Winsor()), ("scale", StandardScaler()), ("reg", HuberRegressor(max_iter=500))])
    return TransformedTargetRegressor(model, func=np.arcsinh, inverse_func=np.sinh)
