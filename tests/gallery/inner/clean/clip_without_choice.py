# kind: solution
# target: income
# why: Bounds and medians come from all rows, and no row is held out for a choice after that.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import HuberRegressor


class ClippedHuber(BaseEstimator, RegressorMixin):
    def __init__(self, epsilon=1.35):
        self.epsilon = epsilon

    def fit(self, X, y):
        X = X.select_dtypes("number")
        self.fill_ = X.median()
        X = X.fillna(self.fill_)
        self.low_, self.high_ = X.quantile(0.01), X.quantile(0.99)
        self.model_ = HuberRegressor(epsilon=self.epsilon).fit(X.clip(self.low_, self.high_, axis=1), y)
        return self

    def predict(self, X):
        return self.model_.predict(X[self.low_.index].fillna(self.fill_).clip(self.low_, self.high_, axis=1))


def build():
    return ClippedHuber()
