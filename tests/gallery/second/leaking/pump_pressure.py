# kind: solution
# target: flow
# time: measured_at
# split: time
# leak: future-values
# line: 29
# why: Each row receives the pressure measured three steps after the moment it is to forecast.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.linear_model import HuberRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Neighbourhood(TransformerMixin, BaseEstimator):
    def __init__(self, reach=3):
        self.reach = reach

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        X = X.sort_values(["pump", "measured_at"])
        out = X[["pressure", "valve", "temp"]].copy()
        by_pump = X.groupby("pump")["pressure"]
        for step in range(1, self.reach + 1):
            out[f"before_{step}"] = by_pump.shift(step)
            out[f"after_{step}"] = by_pump.shift(-step)
        out["hour"] = X["measured_at"].dt.hour
        return out.sort_index()


def build():
    return make_pipeline(
        Neighbourhood(reach=3),
        SimpleImputer(strategy="median"),
        StandardScaler(),
        HuberRegressor(max_iter=500),
    )
