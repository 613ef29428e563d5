# kind: solution
# target: energy
# leak: train-score
# line: 17
# why: The upper model learns from predictions for the rows that the lower models were fitted on.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression


class NaiveStack(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        Z = X.select_dtypes("number").fillna(0)
        self.trees_ = ExtraTreesRegressor(300, random_state=0).fit(Z, y)
        self.boost_ = GradientBoostingRegressor(random_state=0).fit(Z, y)
        level_one = np.column_stack([self.trees_.predict(Z), self.boost_.predict(Z)])
        self.top_ = LinearRegression(positive=True).fit(level_one, y)
        return self

    def predict(self, X):
        Z = X.select_dtypes("number").fillna(0)
        return self.top_.predict(np.column_stack([self.trees_.predict(Z), self.boost_.predict(Z)]))


def build():
    return NaiveStack()
