# kind: solution
# target: chiller_power
# leak: outside-fold
# line: 15
# why: predict centres the rows by the mean and spread of the rows to be predicted, not by those of fit.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.svm import SVR

INPUTS = ["load_kw", "outside_temp", "humidity", "occupancy"]


def tidy(X):
    """Plausible ranges, then a common scale."""
    X = X[INPUTS].astype(float).clip(lower=-50, upper=5000).fillna(0)
    centre, spread = X.mean(), X.std().replace(0, 1)
    return (X - centre) / spread


class ChillerModel(RegressorMixin, BaseEstimator):
    def __init__(self, C=10.0, epsilon=0.1):
        self.C = C
        self.epsilon = epsilon

    def fit(self, X, y):
        self.svr_ = SVR(C=self.C, epsilon=self.epsilon).fit(tidy(X), y)
        return self

    def predict(self, X):
        return self.svr_.predict(tidy(X))


def build():
    return ChillerModel()
