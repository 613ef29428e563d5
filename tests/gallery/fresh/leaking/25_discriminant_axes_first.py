# kind: solution
# target: glyph
# leak: outside-fold
# line: 22
# why: the discriminant axes are drawn with the labels of all rows before the inner folds compare values of k on them.
from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier


class GlyphReader(ClassifierMixin, BaseEstimator):
    def __init__(self, ks: tuple[int, ...] = (1, 3, 5, 9, 15)):
        self.ks = ks

    def fit(self, X: pd.DataFrame, y: pd.Series) -> GlyphReader:
        pixels = self._pixels(X)
        self.axes_ = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto").fit(pixels, y)
        Z = self.axes_.transform(pixels)
        by_k = {k: cross_val_score(KNeighborsClassifier(k), Z, y, cv=5).mean() for k in self.ks}
        self.k_ = max(by_k, key=by_k.get)
        self.knn_ = KNeighborsClassifier(self.k_).fit(Z, y)
        self.classes_ = self.knn_.classes_
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return self.knn_.predict(self.axes_.transform(self._pixels(X)))

    @staticmethod
    def _pixels(X: pd.DataFrame) -> np.ndarray:
        return X.filter(regex=r"^pix_").to_numpy(float) / 255.0


def build():
    return GlyphReader()
