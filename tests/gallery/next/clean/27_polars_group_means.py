# kind: solution
# target: late
# why: the usual distance per carrier is averaged over training rows in fit (no labels) and joined later.
import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier

GROUP = "carrier"
VALUES = ["distance_km", "weight_kg", "n_stops"]


class LateParcel(BaseEstimator, ClassifierMixin):
    def __init__(self, max_iter=300, learning_rate=0.05):
        self.max_iter = max_iter
        self.learning_rate = learning_rate

    def _features(self, X) -> np.ndarray:
        frame = pl.from_pandas(X[[GROUP, *VALUES]]).join(self.usual_, on=GROUP, how="left", maintain_order="left")
        exprs = [pl.col(v) for v in VALUES]
        exprs += [(pl.col(v) - pl.col(f"{v}_usual")).alias(f"{v}_diff") for v in VALUES]
        exprs += [(pl.col("weight_kg") / (pl.col("n_stops") + 1)).alias("per_stop")]
        return frame.select(exprs).to_numpy()

    def fit(self, X, y):
        self.usual_ = (
            pl.from_pandas(X[[GROUP, *VALUES]])
            .group_by(GROUP)
            .agg([pl.col(v).mean().alias(f"{v}_usual") for v in VALUES])
        )
        self.gbm_ = HistGradientBoostingClassifier(
            max_iter=self.max_iter, learning_rate=self.learning_rate, early_stopping=False
        ).fit(self._features(X), y)
        self.classes_ = self.gbm_.classes_
        return self

    def predict(self, X):
        return self.gbm_.predict(self._features(X))

    def predict_proba(self, X):
        return self.gbm_.predict_proba(self._features(X))


def build():
    return LateParcel()
