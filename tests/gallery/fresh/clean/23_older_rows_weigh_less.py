# kind: solution
# target: asking_price
# time: listed_on
# split: time
# why: the weights fall with the age of a training row, counted from the latest training date.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler


class FadingRegression(RegressorMixin, BaseEstimator):
    def __init__(self, half_life_days: float = 365.0):
        self.half_life_days = half_life_days

    def fit(self, X: pd.DataFrame, y: pd.Series):
        listed = pd.to_datetime(X["listed_on"])
        self.latest_ = listed.max()
        age = (self.latest_ - listed).dt.total_seconds() / 86400
        weight = np.power(0.5, age / self.half_life_days)
        self.reg_ = make_pipeline(StandardScaler(), PolynomialFeatures(2, include_bias=False), LinearRegression())
        self.reg_.fit(self._inputs(X), y, linearregression__sample_weight=weight)
        return self

    def _inputs(self, X: pd.DataFrame) -> pd.DataFrame:
        since = (pd.to_datetime(X["listed_on"]) - self.latest_).dt.days
        return X[["sqm", "rooms"]].assign(since=since)

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return self.reg_.predict(self._inputs(X))


def build():
    return FadingRegression()
