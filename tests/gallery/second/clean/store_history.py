# kind: solution
# target: turnover
# time: day
# split: time
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from xgboost import XGBRegressor


class StoreHistory(RegressorMixin, BaseEstimator):
    """Past mean per store: growing while fitting, the last known one when predicting."""

    def _frame(self, X, past):
        return pd.DataFrame({
            "past": past,
            "dow": X["day"].dt.dayofweek,
            "month": X["day"].dt.month,
            "promo": X["promo"].astype(float),
        })

    def fit(self, X, y):
        known = X.assign(_y=np.asarray(y, dtype=float)).sort_values(["store", "day"])
        past = known.groupby("store")["_y"].transform(lambda s: s.shift(1).expanding().mean())
        self.level_ = known.groupby("store")["_y"].mean()
        self.overall_ = known["_y"].mean()
        self.model_ = XGBRegressor(n_estimators=300, max_depth=5, learning_rate=0.05)
        usable = past.notna()
        self.model_.fit(self._frame(known, past)[usable], known["_y"][usable])
        return self

    def predict(self, X):
        past = X["store"].map(self.level_).fillna(self.overall_)
        return self.model_.predict(self._frame(X, past))


def build():
    return StoreHistory()
