# kind: solution
# target: corrosion
# why: The ten columns are found on the inner training rows, so the validation rows judge both models fairly.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.model_selection import train_test_split


class Corrosion(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(0)
        X_fit, X_val, y_fit, y_val = train_test_split(X, y, test_size=0.2, random_state=1)
        strength = X_fit.corrwith(pd.Series(np.asarray(y_fit), index=X_fit.index)).abs()
        self.top_ = strength.sort_values(ascending=False).index[:10].tolist()
        candidates = [GradientBoostingRegressor(random_state=0), RandomForestRegressor(300, random_state=0)]
        r2 = [m.fit(X_fit[self.top_], y_fit).score(X_val[self.top_], y_val) for m in candidates]
        self.model_ = candidates[int(np.argmax(r2))].fit(X[self.top_], y)
        return self

    def predict(self, X):
        return self.model_.predict(X[self.top_].fillna(0))


def build():
    return Corrosion()
