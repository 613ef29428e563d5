# kind: solution
# target: discharge
# time: reading_time
# split: time
# leak: future-values
# line: 21
# why: a gap in the gauge is drawn as a line towards the next reading, which lies in the future.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import HuberRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def without_gaps(series: pd.Series) -> pd.Series:
    known = series.dropna()
    if known.empty:
        return series.fillna(0.0)
    position = series.index.to_numpy(dtype=float)
    return pd.Series(np.interp(position, known.index.to_numpy(dtype=float), known.to_numpy()), index=series.index)


class RatingCurve(RegressorMixin, BaseEstimator):
    def __init__(self, alpha=1e-3):
        self.alpha = alpha

    def _design(self, X):
        back = np.argsort(np.argsort(X["reading_time"].to_numpy(), kind="stable"), kind="stable")
        frame = X.sort_values("reading_time", kind="stable").reset_index(drop=True)
        level = without_gaps(frame["level_cm"])
        rain = frame["rain_mm"].fillna(0.0)
        A = np.column_stack([level, np.sqrt(level.clip(lower=0)), rain, rain.shift(1, fill_value=0.0)])
        return A[back]

    def fit(self, X, y):
        self.model_ = make_pipeline(StandardScaler(), HuberRegressor(alpha=self.alpha, max_iter=500))
        self.model_.fit(self._design(X), y)
        return self

    def predict(self, X):
        return self.model_.predict(self._design(X))


def build():
    return RatingCurve()
