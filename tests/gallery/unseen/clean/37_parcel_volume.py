# kind: solution
# target: parcels
# time: day
# split: time
# why: The newest days of the training rows serve for stopping, so the inner split looks forward like the outer one.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from xgboost import XGBRegressor


def calendar(X):
    day = pd.to_datetime(X["day"])
    return pd.DataFrame({
        "n": (day - pd.Timestamp("2015-01-01")).dt.days,
        "dow": day.dt.dayofweek,
        "month": day.dt.month,
        "holiday": X["holiday"].astype(int),
        "campaign": X["campaign"].astype(int),
    })


class ParcelForecast(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        Z = calendar(X)
        target = np.log1p(np.asarray(y))
        order = np.argsort(Z["n"].to_numpy())
        cut = int(len(order) * 0.85)
        older, newer = order[:cut], order[cut:]
        self.model_ = XGBRegressor(n_estimators=3000, learning_rate=0.03, max_depth=5, early_stopping_rounds=60)
        self.model_.fit(
            Z.iloc[older], target[older],
            eval_set=[(Z.iloc[newer], target[newer])], verbose=False,
        )
        return self

    def predict(self, X):
        return np.expm1(self.model_.predict(calendar(X)))


def build():
    return ParcelForecast()
