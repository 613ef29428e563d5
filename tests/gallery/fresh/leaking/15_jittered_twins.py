# kind: solution
# target: grip_force
# leak: resample-before-split
# line: 24
# why: noisy twins of each row are made before the inner folds, so a row's twin helps to predict it when alpha is chosen.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import KFold


def twins(A, t, copies, sigma, rng):
    noise = rng.normal(0.0, sigma, size=(copies, *A.shape))
    return np.vstack([A, (A[None] + noise).reshape(-1, A.shape[1])]), np.tile(t, copies + 1)


class GripForce(RegressorMixin, BaseEstimator):
    def __init__(self, alphas=(0.01, 0.1, 1.0, 10.0), copies=2):
        self.alphas = alphas
        self.copies = copies

    def fit(self, X, y):
        rng = np.random.default_rng(0)
        A, t = twins(self._arr(X), np.asarray(y, float), self.copies, 0.01, rng)
        losses = []
        for alpha in self.alphas:
            err = 0.0
            for a, b in KFold(4, shuffle=True, random_state=0).split(A):
                m = KernelRidge(alpha=alpha, kernel="rbf").fit(A[a], t[a])
                err += np.mean((m.predict(A[b]) - t[b]) ** 2)
            losses.append(err)
        self.alpha_ = self.alphas[int(np.argmin(losses))]
        self.model_ = KernelRidge(alpha=self.alpha_, kernel="rbf").fit(A, t)
        return self

    def _arr(self, X):
        return X[["ax", "ay", "az", "gyro"]].to_numpy(float)

    def predict(self, X):
        return self.model_.predict(self._arr(X))


def build():
    return GripForce()
