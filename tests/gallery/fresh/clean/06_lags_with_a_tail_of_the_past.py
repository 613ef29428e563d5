# kind: solution
# target: units
# time: week
# split: time
# why: the last training rows are put before the new rows only so that shift(1) and shift(2) reach into the past.
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor


class StoreWeeks(RegressorMixin, BaseEstimator):
    def __init__(self, lags=(1, 2)):
        self.lags = lags

    def _lagged(self, frame):
        frame = frame.sort_values(["store", "week"], kind="stable")
        traffic = frame.groupby("store")["traffic"]
        table = frame[["price"]].copy()
        for k in self.lags:
            table[f"traffic_{k}"] = traffic.shift(k)
        return table

    def fit(self, X, y):
        table = self._lagged(X).reindex(X.index)
        self.gbr_ = HistGradientBoostingRegressor(early_stopping=False).fit(table, y)
        self.tail_ = X.sort_values("week").groupby("store").tail(max(self.lags))
        return self

    def predict(self, X):
        new = X.reset_index(drop=True)
        old = self.tail_[self.tail_["week"] < new["week"].min()]
        old = old.set_axis(range(-len(old), 0), axis=0)
        table = self._lagged(pd.concat([old, new]))
        return self.gbr_.predict(table.reindex(new.index))


def build():
    return StoreWeeks()
