# kind: solution
# target: kwh_tomorrow
# time: day
# split: time
# why: the season is computed from the date of the row itself.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Calendar(BaseEstimator, TransformerMixin):
    def __init__(self, harmonics=3):
        self.harmonics = harmonics

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        day = pd.to_datetime(X["day"])
        out = {"temp": X["temp"].fillna(10.0), "kwh": X["kwh"].fillna(0.0)}
        angle = 2 * np.pi * day.dt.dayofyear / 365.25
        for k in range(1, self.harmonics + 1):
            out[f"sin{k}"] = np.sin(k * angle)
            out[f"cos{k}"] = np.cos(k * angle)
        for d in range(7):
            out[f"dow{d}"] = (day.dt.dayofweek == d).astype(int)
        return pd.DataFrame(out, index=X.index)


def build():
    return make_pipeline(Calendar(), StandardScaler(), Ridge(alpha=2.0))
