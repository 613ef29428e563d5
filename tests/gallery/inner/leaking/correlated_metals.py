# kind: solution
# target: corrosion
# leak: selected-before-split
# line: 16
# why: The ten most correlated columns are found on all rows before the inner split that compares two models.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.model_selection import train_test_split


class Corrosion(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(0)
        strength = X.corrwith(pd.Series(np.asarray(y), index=X.index)).abs().sort_values(ascending=False)
        self.top_ = strength.index[:10].tolist()
        X_fit, X_val, y_fit, y_val = train_test_split(X[self.top_], y, test_size=0.2, random_state=1)
        candidates = [GradientBoostingRegressor(random_state=0), RandomForestRegressor(300, random_state=0)]
        r2 = [m.fit(X_fit, y_fit).score(X_val, y_val) for m in candidates]
        self.model_ = candidates[int(np.argmax(r2))].fit(X[self.top_], y)
        return self

    def predict(self, X):
        return self.model_.predict(X[self.top_].fillna(0))


def build():
    return Corrosion()
