# kind: solution
# target: decibel
# leak: fit-before-split
# line: 19
# why: Mean and deviation are reckoned by hand from all rows before the loop over folds that picks the neighbours.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor


class NoiseKnn(BaseEstimator, RegressorMixin):
    def __init__(self, ks=(3, 5, 9, 15, 25)):
        self.ks = ks

    def fit(self, X, y):
        A = X.to_numpy(dtype=float)
        t = np.asarray(y)
        self.mu = A.mean(axis=0)
        self.sd = A.std(axis=0) + 1e-9
        A = (A - self.mu) / self.sd
        best = (np.inf, None)
        for k in self.ks:
            fold_err = 0.0
            for tr, va in KFold(n_splits=5, shuffle=True, random_state=3).split(A):
                m = KNeighborsRegressor(n_neighbors=k).fit(A[tr], t[tr])
                fold_err += np.abs(m.predict(A[va]) - t[va]).mean()
            if fold_err < best[0]:
                best = (fold_err, k)
        self.k_ = best[1]
        self.knn_ = KNeighborsRegressor(n_neighbors=self.k_).fit(A, t)
        return self

    def predict(self, X):
        return self.knn_.predict((X.to_numpy(dtype=float) - self.mu) / self.sd)


def build():
    return NoiseKnn()
