# kind: solution
# target: adr
# leak: target-encoding
# line: 17
# why: Countries are replaced by mean prices of all rows before the folds that choose the depth.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeRegressor


class HotelTree(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        df = X.copy()
        df["price"] = np.asarray(y)
        self.by_country = df.groupby("country")["price"].mean()
        self.overall = float(np.mean(y))
        Z = self._make(X)
        scores = {}
        for depth in (3, 5, 8, 12):
            scores[depth] = cross_val_score(DecisionTreeRegressor(max_depth=depth), Z, y, cv=5, scoring="r2").mean()
        depth = max(scores, key=scores.get)
        self.tree = DecisionTreeRegressor(max_depth=depth).fit(Z, y)
        return self

    def _make(self, X):
        return pd.DataFrame({
            "country": X["country"].map(self.by_country).fillna(self.overall),
            "nights": X["nights"],
            "lead": np.log1p(X["lead_time"]),
        })

    def predict(self, X):
        return self.tree.predict(self._make(X))


def build():
    return HotelTree()
