# kind: solution
# target: spot
# time: stamp
# split: time
# leak: shuffled-time
# line: 24
# why: A random tenth of the hours decides when to stop, though later hours are to be predicted.
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
        is_val = np.random.default_rng(7).random(len(Z)) < 0.1
        self.cb_ = CatBoostRegressor(iterations=4000, early_stopping_rounds=100, verbose=False)
        self.cb_.fit(Z[~is_val], y[~is_val], eval_set=(Z[is_val], y[is_val]))
        return self

    def predict(self, X):
        return self.cb_.predict(self._x(X))


def build():
    return Spot()
