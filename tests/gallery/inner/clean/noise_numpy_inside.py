# kind: solution
# target: decibel
# why: Mean and deviation are reckoned by hand from the inner training rows of each fold, and once more from all rows for the last model.
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
        best = (np.inf, None)
        for k in self.ks:
            fold_err = 0.0
            for tr, va in KFold(n_splits=5, shuffle=True, random_state=3).split(A):
                mu, sd = A[tr].mean(axis=0), A[tr].std(axis=0) + 1e-9
                m = KNeighborsRegressor(n_neighbors=k).fit((A[tr] - mu) / sd, t[tr])
                fold_err += np.abs(m.predict((A[va] - mu) / sd) - t[va]).mean()
            if fold_err < best[0]:
                best = (fold_err, k)
        self.k_ = best[1]
        self.mu, self.sd = A.mean(axis=0), A.std(axis=0) + 1e-9
        self.knn_ = KNeighborsRegressor(n_neighbors=self.k_).fit((A - self.mu) / self.sd, t)
        return self

    def predict(self, X):
        return self.knn_.predict((X.to_numpy(dtype=float) - self.mu) / self.sd)


def build():
    return NoiseKnn()
