# kind: solution
# target: delay
# why: The loop goes on until the training loss settles, which fits one model and chooses none.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error


class Reweighted(BaseEstimator, RegressorMixin):
    def __init__(self, steps=50, tol=1e-4):
        self.steps = steps
        self.tol = tol

    def fit(self, X, y):
        A, y = X.select_dtypes("number").fillna(0).to_numpy(), np.asarray(y, dtype=float)
        weight, last = np.ones(len(y)), np.inf
        for _ in range(self.steps):
            self.model_ = Ridge(1.0).fit(A, y, sample_weight=weight)
            guess = self.model_.predict(A)
            loss = mean_absolute_error(y, guess)
            if last - loss < self.tol:
                break
            last = loss
            weight = 1 / np.maximum(np.abs(y - guess), 1e-3)
        return self

    def predict(self, X):
        return self.model_.predict(X.select_dtypes("number").fillna(0).to_numpy())


def build():
    return Reweighted()
