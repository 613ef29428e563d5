# kind: solution
# target: heat
# time: hour
# split: time
# leak: shuffled-time
# line: 24
# why: The folds that choose the penalty are shuffled, so hours are predicted from the hours around them.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold


def design(X):
    when = pd.to_datetime(X["hour"])
    angle = 2 * np.pi * when.dt.hour / 24
    return np.column_stack([np.sin(angle), np.cos(angle), X["outside"], X["outside"] ** 2, when.dt.dayofweek >= 5])


class Heating(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        A, b = design(X), np.asarray(y)
        splitter = KFold(n_splits=6, shuffle=True, random_state=0)
        errors = []
        for alpha in (0.1, 1, 10, 100):
            e = [np.mean((Ridge(alpha=alpha).fit(A[i], b[i]).predict(A[j]) - b[j]) ** 2) for i, j in splitter.split(A)]
            errors.append((np.mean(e), alpha))
        self.ridge_ = Ridge(alpha=min(errors)[1]).fit(A, b)
        return self

    def predict(self, X):
        return self.ridge_.predict(design(X))


def build():
    return Heating()
