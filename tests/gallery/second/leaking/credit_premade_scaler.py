# kind: solution
# target: default
# leak: outside-fold
# line: 16
# why: The scaler is fitted at import on the complete file and so knows the validation rows of every fold.
from pathlib import Path

import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import QuantileTransformer
from sklearn.svm import LinearSVC

NUM = ["limit_bal", "age", "bill_amt1", "bill_amt2", "pay_amt1", "pay_amt2"]
_frame = pd.read_csv(Path(__file__).resolve().parents[1] / "data" / "train.csv")
_ranker = QuantileTransformer(n_quantiles=200, output_distribution="normal")
_ranker.fit(_frame[NUM].fillna(0))


class RankedSVC(ClassifierMixin, BaseEstimator):
    def __init__(self, C=0.5):
        self.C = C

    def _prep(self, X):
        return _ranker.transform(X[NUM].fillna(0))

    def fit(self, X, y):
        self.svc_ = LinearSVC(C=self.C).fit(self._prep(X), y)
        self.classes_ = self.svc_.classes_
        return self

    def decision_function(self, X):
        return self.svc_.decision_function(self._prep(X))

    def predict(self, X):
        return self.svc_.predict(self._prep(X))


def build():
    return RankedSVC(C=0.1)
