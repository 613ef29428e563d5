# kind: solution
# target: adr
# why: Mean prices are learned within the folds, because the encoder is a class that the search clones and fits.
import numpy as np
import pandas as pd
from category_encoders import TargetEncoder
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor


class HotelTree(BaseEstimator, RegressorMixin):
    columns = ["country", "nights", "lead"]

    def _plain(self, X):
        return pd.DataFrame({
            "country": X["country"].fillna("none"), "nights": X["nights"].fillna(1), "lead": np.log1p(X["lead_time"])
        })

    def fit(self, X, y):
        pipe = make_pipeline(TargetEncoder(cols=["country"], smoothing=20), DecisionTreeRegressor(random_state=0))
        grid = {"decisiontreeregressor__max_depth": [3, 5, 8, 12]}
        self.search_ = GridSearchCV(pipe, grid, cv=5, scoring="r2").fit(self._plain(X), y)
        return self

    def predict(self, X):
        return self.search_.predict(self._plain(X))


def build():
    return HotelTree()
