# kind: solution
# target: icu_transfer
# leak: in-sample-calibration
# line: 28
# why: the isotonic curve is fitted on the scores of a forest for the very rows it was trained on.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression

VITALS = ["hr", "sbp", "resp", "spo2", "temp", "gcs"]


class EarlyWarning(BaseEstimator, ClassifierMixin):
    def __init__(self, trees: int = 500, leaf: int = 1) -> None:
        self.trees = trees
        self.leaf = leaf

    def _raw(self, X: pd.DataFrame) -> np.ndarray:
        return self.forest_.predict_proba(X[VITALS].fillna(-1))[:, 1]

    def fit(self, X: pd.DataFrame, y: pd.Series) -> "EarlyWarning":
        self.forest_ = RandomForestClassifier(
            n_estimators=self.trees, min_samples_leaf=self.leaf, n_jobs=-1, random_state=0
        ).fit(X[VITALS].fillna(-1), y)
        self.curve_ = IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1)
        self.curve_.fit(self._raw(X), y)
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        p = self.curve_.predict(self._raw(X))
        return np.column_stack([1 - p, p])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)


def build():
    return EarlyWarning()
