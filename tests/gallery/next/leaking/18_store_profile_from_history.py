# kind: solution
# target: sales
# leak: target-encoding
# line: 19
# why: the store profile is an aggregate of the target over the complete file, hence also over the validation rows of the fold.
import functools

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline

SOURCE = "store_days.csv"


@functools.lru_cache(maxsize=1)
def store_profile():
    days = pd.read_csv(SOURCE, usecols=["store", "weekday", "sales"])
    prof = days.groupby(["store", "weekday"])["sales"].agg(["mean", "median", "std"])
    prof.columns = ["p_mean", "p_median", "p_std"]
    return prof.reset_index()


class AddProfile(BaseEstimator, TransformerMixin):
    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        joined = X.merge(store_profile(), on=["store", "weekday"], how="left")
        joined.index = X.index
        return joined[["promo", "holiday", "weekday", "competition_km", "p_mean", "p_median", "p_std"]]


def build():
    return Pipeline([
        ("profile", AddProfile()),
        ("gbm", HistGradientBoostingRegressor(max_iter=400, learning_rate=0.05)),
    ])
