# kind: solution
# target: bot
# leak: outside-fold
# line: 32
# why: the counts are taken over the training rows and the rows to be predicted together.
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier


class CountEncodedForest(ClassifierMixin, BaseEstimator):
    COLS = ("ip_block", "device", "user_agent")

    def __init__(self, n_estimators=250):
        self.n_estimators = n_estimators

    def fit(self, X, y):
        self.seen_ = X[list(self.COLS)].copy()
        self.forest_ = RandomForestClassifier(self.n_estimators, random_state=0)
        self.forest_.fit(self._encode(X, self.seen_), y)
        self.classes_ = self.forest_.classes_
        return self

    def _encode(self, X, universe):
        enc = X[["amount"]].copy()
        for c in self.COLS:
            share = universe[c].value_counts(normalize=True)
            enc[c] = X[c].map(share).fillna(0)
        return enc

    def predict_proba(self, X):
        everyone = pd.concat([self.seen_, X[list(self.COLS)]])
        return self.forest_.predict_proba(self._encode(X, everyone))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def build():
    return CountEncodedForest()
