# kind: solution
# target: power_mw
# time: ts
# split: time
# leak: future-values
# line: 30
# why: the change to the next reading needs a measurement that does not exist yet at the time of the row.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline


class WindFeatures(BaseEstimator, TransformerMixin):
    def __init__(self, lags=(1, 2, 3, 6)):
        self.lags = lags

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        df = X.sort_values(["turbine", "ts"])
        g = df.groupby("turbine")["wind_speed"]
        out = pd.DataFrame(index=df.index)
        out["ws"] = df["wind_speed"]
        out["ws3"] = df["wind_speed"] ** 3
        for k in self.lags:
            out[f"ws_lag{k}"] = g.shift(k)
        out["ws_ramp"] = g.shift(-1) - df["wind_speed"]
        rad = np.deg2rad(df["wind_dir"])
        out["dir_sin"], out["dir_cos"] = np.sin(rad), np.cos(rad)
        out["hour"] = df["ts"].dt.hour
        return out.reindex(X.index)


def build():
    return make_pipeline(WindFeatures(), HistGradientBoostingRegressor(max_iter=500, max_leaf_nodes=63))
