# kind: solution
# target: viscosity
# why: no seed is chosen, the predictions of all of them are averaged.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class SeedAverage(RegressorMixin, BaseEstimator):
    def __init__(self, seeds=(0, 1, 2, 3, 4), hidden=(24,)):
        self.seeds = seeds
        self.hidden = hidden

    def fit(self, X, y):
        y = np.asarray(y, float)
        self.mu_, self.sd_ = y.mean(), y.std() or 1.0
        t = (y - self.mu_) / self.sd_
        self.nets_ = []
        for seed in self.seeds:
            net = make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=self.hidden, max_iter=150, random_state=seed))
            self.nets_.append(net.fit(X, t))
        return self

    def predict(self, X):
        z = np.mean([net.predict(X) for net in self.nets_], axis=0)
        return z * self.sd_ + self.mu_


def build():
    return SeedAverage()
