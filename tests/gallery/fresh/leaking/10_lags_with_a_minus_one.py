# kind: solution
# target: units
# time: week
# split: time
# leak: future-values
# line: 28
# why: one of the offsets is negative, so the foot traffic of the coming week stands beside this week's.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline

OFFSETS = (1, 2, 3, -1)


class Neighbours(TransformerMixin, BaseEstimator):
    def __init__(self, offsets=OFFSETS, column="traffic"):
        self.offsets = offsets
        self.column = column

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        ordered = X.sort_values(["store", "week"])
        by_store = ordered.groupby("store")[self.column]
        cols = {f"{self.column}_{k}": by_store.shift(k) for k in self.offsets}
        cols["price"] = ordered["price"]
        cols["month"] = pd.to_datetime(ordered["week"]).dt.month
        return pd.DataFrame(cols).reindex(X.index)


def build():
    return make_pipeline(Neighbours(), HistGradientBoostingRegressor(learning_rate=0.06, early_stopping=False))
