# kind: solution
# target: fault
# why: the scaler of the training rows is kept and used again for new rows.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler


class SensorNet(BaseEstimator, ClassifierMixin):
    def __init__(self, hidden=(32, 16), seed=0):
        self.hidden = hidden
        self.seed = seed

    def fit(self, X, y):
        self.scaler_ = StandardScaler()
        Z = self.scaler_.fit_transform(np.asarray(X, dtype=float))
        self.net_ = MLPClassifier(self.hidden, max_iter=500, random_state=self.seed).fit(Z, y)
        self.classes_ = self.net_.classes_
        return self

    def predict(self, X):
        return self.net_.predict(self.scaler_.transform(np.asarray(X, dtype=float)))

    def predict_proba(self, X):
        return self.net_.predict_proba(self.scaler_.transform(np.asarray(X, dtype=float)))


def build():
    return SensorNet()
