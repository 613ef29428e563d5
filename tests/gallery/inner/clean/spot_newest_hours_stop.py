# kind: solution
# target: spot
# time: stamp
# split: time
# why: The newest tenth of the training hours decides when to stop.
import numpy as np
import pandas as pd
from catboost import CatBoostRegressor
from sklearn.base import BaseEstimator, RegressorMixin


class Spot(BaseEstimator, RegressorMixin):
    def _x(self, X):
        s = pd.to_datetime(X["stamp"])
        return X.drop(columns="stamp").assign(h=s.dt.hour, d=s.dt.dayofweek, m=s.dt.month)

    def fit(self, X, y):
        Z = self._x(X)
        y = np.asarray(y)
        stamp = pd.to_datetime(X["stamp"])
        is_val = (stamp > stamp.quantile(0.9)).to_numpy()
        self.cb_ = CatBoostRegressor(iterations=4000, early_stopping_rounds=100, verbose=False)
        self.cb_.fit(Z[~is_val], y[~is_val], eval_set=(Z[is_val], y[is_val]))
        return self

    def predict(self, X):
        return self.cb_.predict(self._x(X))


def build():
    return Spot()
