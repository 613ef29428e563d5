# kind: solution
# target: bad_loan
# leak: target-encoding
# line: 17
# why: the weights of evidence were counted over every loan and not over the training rows of the fold.
import os

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

PATH = os.environ.get("LOANS", "data/loans.parquet")


def woe(table, col):
    counts = table.groupby(col)["bad_loan"].agg(bad="sum", n="count")
    good = counts["n"] - counts["bad"] + 0.5
    return np.log(good / (counts["bad"] + 0.5))


class Scorecard(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        table = pd.read_parquet(PATH)
        self.maps_ = {c: woe(table, c) for c in ("grade", "purpose", "state")}
        self.lr_ = LogisticRegression().fit(self._encode(X), y)
        self.classes_ = self.lr_.classes_
        return self

    def _encode(self, X):
        return np.column_stack([X[c].map(m).fillna(0.0) for c, m in self.maps_.items()])

    def predict(self, X):
        return self.lr_.predict(self._encode(X))


def build():
    return Scorecard()
