# kind: solution
# target: no_show
# why: rows are copied inside fit, and nothing inside fit scores them; the rows of predict are never resampled.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.utils import resample


class BalancedForest(ClassifierMixin, BaseEstimator):
    def __init__(self, n_estimators=150, random_state=0):
        self.n_estimators = n_estimators
        self.random_state = random_state

    def fit(self, X, y):
        y = np.asarray(y)
        labels, counts = np.unique(y, return_counts=True)
        take = [np.flatnonzero(y == labels[counts.argmax()])]
        for lab in labels[counts < counts.max()]:
            rows = np.flatnonzero(y == lab)
            take.append(resample(rows, n_samples=counts.max(), replace=True, random_state=self.random_state))
        rows = np.concatenate(take)
        self.rf_ = RandomForestClassifier(self.n_estimators, random_state=self.random_state)
        self.rf_.fit(X.iloc[rows], y[rows])
        self.classes_ = self.rf_.classes_
        return self

    def predict(self, X):
        return self.rf_.predict(X)

    def predict_proba(self, X):
        return self.rf_.predict_proba(X)


def build():
    return BalancedForest()
