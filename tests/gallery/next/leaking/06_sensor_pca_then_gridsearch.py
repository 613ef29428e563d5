# kind: solution
# target: fault
# leak: preprocessing-before-split
# line: 32
# why: the projection is fitted on every row and the grid search cross-validates on the projected rows.
from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.impute import KNNImputer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler
from sklearn.svm import SVC

GRID = {"C": [0.1, 1, 10, 100], "gamma": ["scale", 0.01, 0.1]}


class FaultDetector(BaseEstimator, ClassifierMixin):
    def __init__(self, n_components: int = 12, n_neighbors: int = 5):
        self.n_components = n_components
        self.n_neighbors = n_neighbors

    def fit(self, X: pd.DataFrame, y: pd.Series) -> "FaultDetector":
        self.front_ = make_pipeline(
            RobustScaler(),
            KNNImputer(n_neighbors=self.n_neighbors),
            PCA(n_components=self.n_components, whiten=True, random_state=0),
        )
        latent = self.front_.fit_transform(X)
        search = GridSearchCV(
            SVC(class_weight="balanced"),
            GRID,
            cv=StratifiedKFold(5, shuffle=True, random_state=0),
            scoring="balanced_accuracy",
            n_jobs=-1,
        )
        search.fit(latent, y)
        self.search_ = search
        self.classes_ = search.classes_
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return self.search_.predict(self.front_.transform(X))


def build() -> FaultDetector:
    return FaultDetector()
