# kind: solution
# target: calls
# time: day
# split: time
# leak: shuffled-time
# line: 30
# why: The inner validation days are drawn at random from between the training days, though the model must forecast later days.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import train_test_split
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


class CallForecast(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        Z = calendar(X)
        target = np.log1p(np.asarray(y))
        Z_fit, Z_val, y_fit, y_val = train_test_split(Z, target, test_size=0.15, random_state=6)
        self.model_ = XGBRegressor(n_estimators=3000, learning_rate=0.03, max_depth=5, early_stopping_rounds=60)
        self.model_.fit(Z_fit, y_fit, eval_set=[(Z_val, y_val)], verbose=False)
        return self

    def predict(self, X):
        return np.expm1(self.model_.predict(calendar(X)))


def build():
    return CallForecast()
