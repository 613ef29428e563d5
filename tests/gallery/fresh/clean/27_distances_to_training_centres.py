# kind: solution
# target: price
# why: the centres are found in fit on coordinates of training rows, new rows are only measured against them.
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import Pipeline


class Centres(TransformerMixin, BaseEstimator):
    def __init__(self, n_clusters=6, seed=0, radius_km=6371.0):
        self.n_clusters = n_clusters
        self.seed = seed
        self.radius_km = radius_km

    def fit(self, X, y=None):
        self.km_ = KMeans(self.n_clusters, n_init=3, random_state=self.seed).fit(self._xyz(X))
        return self

    def transform(self, X):
        return np.hstack([X[["lat", "lon", "area_m2"]].to_numpy(float), self.km_.transform(self._xyz(X))])

    def _xyz(self, X):
        la, lo = np.radians(X["lat"].to_numpy(float)), np.radians(X["lon"].to_numpy(float))
        return self.radius_km * np.column_stack([np.cos(la) * np.cos(lo), np.cos(la) * np.sin(lo), np.sin(la)])


def build():
    return Pipeline([("centres", Centres()), ("rf", RandomForestRegressor(120, random_state=2))])
