# kind: solution
# target: power_mw
# time: ts
# split: time
# why: lags, differences and windows look backwards only, per turbine and in time order.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline


class WindFeatures(BaseEstimator, TransformerMixin):
    def __init__(self, lags=(1, 2, 3, 6), window=12):
        self.lags = lags
        self.window = window

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        df = X.sort_values(["turbine", "ts"])
        g = df.groupby("turbine")["wind_speed"]
        out = pd.DataFrame(index=df.index)
        out["ws"] = df["wind_speed"]
        for k in self.lags:
            out[f"ws_lag{k}"] = g.shift(k)
        out["ws_ramp"] = df["wind_speed"] - g.shift(1)
        out["ws_roll"] = g.transform(lambda s: s.rolling(self.window, min_periods=1).mean())
        out["ws_ffill"] = g.ffill()
        rad = np.deg2rad(df["wind_dir"])
        out["dir_sin"], out["dir_cos"] = np.sin(rad), np.cos(rad)
        out["hour"] = df["ts"].dt.hour
        return out.reindex(X.index)


def build():
    gbm = HistGradientBoostingRegressor(max_iter=500, max_leaf_nodes=63, early_stopping=False)
    return make_pipeline(WindFeatures(), gbm)
