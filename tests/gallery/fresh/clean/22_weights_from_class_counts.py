# kind: solution
# target: grade
# why: the weights come from the labels handed to fit, they are no feature and touch no other rows.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier


class WeightedGrader(ClassifierMixin, BaseEstimator):
    def __init__(self, power=0.5, max_iter=80):
        self.power = power
        self.max_iter = max_iter

    def fit(self, X, y):
        values, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
        weight = (counts.max() / counts) ** self.power
        self.model_ = HistGradientBoostingClassifier(max_iter=self.max_iter)
        self.model_.fit(X, y, sample_weight=weight[inverse])
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


def build():
    return WeightedGrader()
