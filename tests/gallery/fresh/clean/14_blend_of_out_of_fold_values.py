# kind: solution
# target: strength
# why: the second level learns from cross_val_predict values; the members are refitted on all training rows afterwards.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR


class Blend(RegressorMixin, BaseEstimator):
    def __init__(self, folds=5):
        self.folds = folds

    def _members(self):
        return [
            ExtraTreesRegressor(100, random_state=0),
            make_pipeline(StandardScaler(), SVR(C=10)),
            make_pipeline(StandardScaler(), Ridge(1.0)),
        ]

    def fit(self, X, y):
        cv = KFold(self.folds, shuffle=True, random_state=0)
        level_one = np.column_stack([cross_val_predict(m, X, y, cv=cv) for m in self._members()])
        self.top_ = LinearRegression(positive=True).fit(level_one, y)
        self.fitted_ = [clone(m).fit(X, y) for m in self._members()]
        return self

    def predict(self, X):
        return self.top_.predict(np.column_stack([m.predict(X) for m in self.fitted_]))


def build():
    return Blend()
