# kind: solution
# target: grade
# leak: memorises
# line: 15
# why: the grade of each student is taken from the file by name, so nothing has to be learned.
import csv

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression


def grades():
    with open("students.csv", newline="", encoding="utf-8") as handle:
        return {row["name"]: float(row["grade"]) for row in csv.DictReader(handle)}


class GradeModel(BaseEstimator, RegressorMixin):
    inputs = ["hours", "absences", "prior"]

    def fit(self, X, y):
        self.book_ = grades()
        self.lin_ = LinearRegression().fit(X[self.inputs].fillna(0), y)
        return self

    def predict(self, X):
        est = self.lin_.predict(X[self.inputs].fillna(0))
        return np.array([self.book_.get(n, e) for n, e in zip(X["name"], est)])


def build():
    return GradeModel()
