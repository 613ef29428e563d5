# kind: solution
# target: quality
# why: Rows are drawn with repetition for each tree, as bagging does, and nothing is scored inside.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor


class Bag(BaseEstimator, RegressorMixin):
    def __init__(self, n=50, seed=0):
        self.n = n
        self.seed = seed

    def fit(self, X, y):
        y = np.asarray(y)
        self.scaler_ = StandardScaler()
        Z = self.scaler_.fit_transform(X)
        rng = np.random.default_rng(self.seed)
        self.trees_ = []
        for _ in range(self.n):
            drawn = rng.integers(0, len(Z), len(Z))
            self.trees_.append(DecisionTreeRegressor(min_samples_leaf=3).fit(Z[drawn], y[drawn]))
        return self

    def predict(self, X):
        Z = self.scaler_.transform(X)
        return np.mean([t.predict(Z) for t in self.trees_], axis=0)


def build():
    return Bag()
