# kind: solution
# target: fault
# leak: outside-fold
# line: 24
# why: the rows to be predicted are scaled by their own mean and deviation, fitted anew in predict.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler


class SensorNet(BaseEstimator, ClassifierMixin):
    def __init__(self, hidden=(32, 16), seed=0):
        self.hidden = hidden
        self.seed = seed

    def fit(self, X, y):
        Z = StandardScaler().fit_transform(np.asarray(X, dtype=float))
        self.net_ = MLPClassifier(self.hidden, max_iter=500, random_state=self.seed).fit(Z, y)
        self.classes_ = self.net_.classes_
        return self

    def predict(self, X):
        Z = StandardScaler().fit_transform(np.asarray(X, dtype=float))
        return self.net_.predict(Z)


def build():
    return SensorNet()
