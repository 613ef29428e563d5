# kind: solution
# target: moisture
# leak: preprocessing-before-split
# line: 23
# why: column means and deviations are taken over all rows before the folds that choose alpha are cut.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


def _solve(A, b, lam):
    return np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1]), A.T @ b)


class NIRRidge(BaseEstimator, RegressorMixin):
    def __init__(self, alphas=(1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0), n_folds=10, seed=42):
        self.alphas = alphas
        self.n_folds = n_folds
        self.seed = seed

    def fit(self, X, y):
        X = np.asarray(X, dtype=float)
        y = np.asarray(y, dtype=float)
        self.mu_, self.sd_ = X.mean(axis=0), X.std(axis=0) + 1e-12
        Z = (X - self.mu_) / self.sd_

        rng = np.random.default_rng(self.seed)
        parts = np.array_split(rng.permutation(len(y)), self.n_folds)
        err = np.zeros(len(self.alphas))
        for i, held in enumerate(parts):
            rest = np.concatenate([p for j, p in enumerate(parts) if j != i])
            centre = y[rest].mean()
            for a, lam in enumerate(self.alphas):
                w = _solve(Z[rest], y[rest] - centre, lam)
                err[a] += np.sum((Z[held] @ w + centre - y[held]) ** 2)

        self.alpha_ = self.alphas[int(err.argmin())]
        self.intercept_ = y.mean()
        self.coef_ = _solve(Z, y - self.intercept_, self.alpha_)
        return self

    def predict(self, X):
        Z = (np.asarray(X, dtype=float) - self.mu_) / self.sd_
        return Z @ self.coef_ + self.intercept_


def build():
    return NIRRidge()
