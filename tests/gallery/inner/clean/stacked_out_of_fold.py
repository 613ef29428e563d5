# kind: solution
# target: energy
# why: The upper model learns from predictions across folds, for rows that the lower models had not seen.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold


class Stack(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        Z = X.select_dtypes("number").fillna(0)
        y = np.asarray(y)
        self.lower_ = [ExtraTreesRegressor(300, random_state=0), GradientBoostingRegressor(random_state=0)]
        level_one = np.zeros((len(Z), len(self.lower_)))
        for tr, va in KFold(5, shuffle=True, random_state=0).split(Z):
            for j, model in enumerate(self.lower_):
                level_one[va, j] = model.fit(Z.iloc[tr], y[tr]).predict(Z.iloc[va])
        self.top_ = LinearRegression(positive=True).fit(level_one, y)
        for model in self.lower_:
            model.fit(Z, y)
        return self

    def predict(self, X):
        Z = X.select_dtypes("number").fillna(0)
        return self.top_.predict(np.column_stack([m.predict(Z) for m in self.lower_]))


def build():
    return Stack()
