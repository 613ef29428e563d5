# kind: solution
# target: quality
# leak: fit-before-split
# line: 17
# why: Deviations of all rows scale the quarter of the rows that chooses the kernel width.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import PowerTransformer


class Kernel(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        rng = np.random.default_rng(0)
        y = np.asarray(y, dtype=float)
        self.power_ = PowerTransformer()
        Z = self.power_.fit_transform(X)
        order = rng.permutation(len(Z))
        n_val = len(Z) // 4
        val_idx, train_idx = order[:n_val], order[n_val:]
        losses = []
        for gamma in (0.001, 0.01, 0.1, 1.0):
            kr = KernelRidge(kernel="rbf", gamma=gamma).fit(Z[train_idx], y[train_idx])
            losses.append((float(((kr.predict(Z[val_idx]) - y[val_idx]) ** 2).mean()), gamma))
        self.kr_ = KernelRidge(kernel="rbf", gamma=min(losses)[1]).fit(Z, y)
        return self

    def predict(self, X):
        return self.kr_.predict(self.power_.transform(X))


def build():
    return Kernel()
