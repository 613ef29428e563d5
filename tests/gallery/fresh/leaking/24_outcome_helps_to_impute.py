# kind: solution
# target: hba1c
# leak: target-in-features
# line: 23
# why: the outcome is a column of the imputation, so filled cells of the training rows are made from their own answers.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer

LABS = ["bmi", "ldl", "systolic", "age"]


class HbA1cForest(RegressorMixin, BaseEstimator):
    def __init__(self, rounds=8, trees=200):
        self.rounds = rounds
        self.trees = trees

    def fit(self, X, y):
        self.imputer_ = IterativeImputer(max_iter=self.rounds, random_state=0)
        table = X[LABS].assign(_outcome=np.asarray(y, dtype=float))
        filled = self.imputer_.fit_transform(table)[:, : len(LABS)]
        self.forest_ = RandomForestRegressor(self.trees, min_samples_leaf=2, random_state=0)
        self.forest_.fit(filled, y)
        return self

    def predict(self, X):
        table = X[LABS].assign(_outcome=np.nan)
        return self.forest_.predict(self.imputer_.transform(table)[:, : len(LABS)])


def build():
    return HbA1cForest()
