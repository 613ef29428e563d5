# kind: solution
# target: bought
# leak: in-sample-scores
# line: 30
# why: the sigmoid is fitted to scores of rows the booster has already seen, so it learns a confidence that new rows do not have.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import GradientBoostingClassifier


def fit_sigmoid(score, label, steps=200, rate=0.05):
    a, b = 1.0, 0.0
    for _ in range(steps):
        p = 1.0 / (1.0 + np.exp(-(a * score + b)))
        a -= rate * np.mean((p - label) * score)
        b -= rate * np.mean(p - label)
    return a, b


class CalibratedBooster(ClassifierMixin, BaseEstimator):
    def __init__(self, depth=4, rounds=250):
        self.depth = depth
        self.rounds = rounds

    def fit(self, X, y):
        label = np.asarray(y).astype(float)
        self.booster_ = GradientBoostingClassifier(max_depth=self.depth, n_estimators=self.rounds)
        self.booster_.fit(X, label)
        self.classes_ = np.array([0, 1])
        self.a_, self.b_ = fit_sigmoid(self.booster_.decision_function(X), label)
        return self

    def predict_proba(self, X):
        p = 1.0 / (1.0 + np.exp(-(self.a_ * self.booster_.decision_function(X) + self.b_)))
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)


def build():
    return CalibratedBooster()
