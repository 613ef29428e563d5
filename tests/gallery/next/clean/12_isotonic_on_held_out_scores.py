# kind: solution
# target: icu_transfer
# why: the curve is fitted on cross-validated scores, the forest that is used later is trained on all training rows.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

VITALS = ["hr", "sbp", "resp", "spo2", "temp", "gcs"]


class EarlyWarning(BaseEstimator, ClassifierMixin):
    def __init__(self, trees: int = 500, leaf: int = 5) -> None:
        self.trees = trees
        self.leaf = leaf

    def _forest(self) -> RandomForestClassifier:
        return RandomForestClassifier(self.trees, min_samples_leaf=self.leaf, n_jobs=-1, random_state=0)

    @staticmethod
    def _view(X: pd.DataFrame) -> pd.DataFrame:
        return X[VITALS].fillna(-1).assign(shock=X["hr"] / X["sbp"].clip(lower=1)).fillna(-1)

    def fit(self, X: pd.DataFrame, y: pd.Series) -> "EarlyWarning":
        V = self._view(X)
        cv = StratifiedKFold(5, shuffle=True, random_state=0)
        held_out = cross_val_predict(self._forest(), V, y, cv=cv, method="predict_proba")[:, 1]
        self.curve_ = IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(held_out, y)
        self.forest_ = self._forest().fit(V, y)
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        p = self.curve_.predict(self.forest_.predict_proba(self._view(X))[:, 1])
        return np.column_stack([1 - p, p])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)


def build():
    return EarlyWarning()
