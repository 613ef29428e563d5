# kind: solution
# target: bot
# why: the counts are those of the training rows; a value that was not seen gets zero.
from collections import Counter

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier


class CountEncodedForest(ClassifierMixin, BaseEstimator):
    COLS = ("ip_block", "device", "user_agent")

    def __init__(self, n_estimators=120):
        self.n_estimators = n_estimators

    def fit(self, X, y):
        self.n_seen_ = len(X)
        self.counts_ = {c: Counter(X[c].tolist()) for c in self.COLS}
        self.forest_ = RandomForestClassifier(self.n_estimators, random_state=0).fit(self._encode(X), y)
        self.classes_ = self.forest_.classes_
        return self

    def _encode(self, X):
        shares = [[self.counts_[c].get(v, 0) / self.n_seen_ for v in X[c]] for c in self.COLS]
        return np.column_stack([X["amount"].to_numpy(float), *shares])

    def predict(self, X):
        return self.forest_.predict(self._encode(X))

    def predict_proba(self, X):
        return self.forest_.predict_proba(self._encode(X))


def build():
    return CountEncodedForest()
