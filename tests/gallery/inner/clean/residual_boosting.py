# kind: solution
# target: consumption
# why: The second model learns what the first one leaves over, which is boosting and chooses nothing.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler


class LinearThenTrees(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        self.cols_ = X.select_dtypes("number").columns
        Z = X[self.cols_].fillna(0)
        self.scaler_ = StandardScaler().fit(Z)
        S = self.scaler_.transform(Z)
        self.line_ = Ridge(1.0).fit(S, y)
        self.rest_ = HistGradientBoostingRegressor(max_iter=150, random_state=0).fit(Z, y - self.line_.predict(S))
        return self

    def predict(self, X):
        Z = X[self.cols_].fillna(0)
        return self.line_.predict(self.scaler_.transform(Z)) + self.rest_.predict(Z)


def build():
    return LinearThenTrees()
