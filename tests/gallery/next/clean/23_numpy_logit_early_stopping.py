# kind: solution
# target: failed
# why: mean and deviation come from the inner training rows alone, and the held-out inner rows only decide when to stop.
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-np.clip(z, -35, 35)))


class NumpyLogit:
    def __init__(self, lr=0.1, max_steps=5000, patience=100, hold=0.2, seed=0):
        self.lr, self.max_steps, self.patience = lr, max_steps, patience
        self.hold, self.seed = hold, seed

    def _z(self, X):
        Z = (np.nan_to_num(np.asarray(X, dtype=float)) - self.mu) / self.sd
        return np.hstack([np.ones((len(Z), 1)), Z])

    def fit(self, X, y):
        raw = np.nan_to_num(np.asarray(X, dtype=float))
        y = np.asarray(y, dtype=float)
        perm = np.random.default_rng(self.seed).permutation(len(y))
        n_hold = max(1, int(self.hold * len(y)))
        stop, train = perm[:n_hold], perm[n_hold:]

        self.mu = raw[train].mean(axis=0)
        self.sd = raw[train].std(axis=0) + 1e-9
        A, B = self._z(raw[train]), self._z(raw[stop])
        w = np.zeros(A.shape[1])
        best, wait, self.w = np.inf, 0, w.copy()
        for _ in range(self.max_steps):
            w -= self.lr * A.T @ (sigmoid(A @ w) - y[train]) / len(train)
            p = np.clip(sigmoid(B @ w), 1e-7, 1 - 1e-7)
            loss = -np.mean(y[stop] * np.log(p) + (1 - y[stop]) * np.log(1 - p))
            if loss < best - 1e-6:
                best, wait, self.w = loss, 0, w.copy()
            else:
                wait += 1
                if wait > self.patience:
                    break
        return self

    def predict_proba(self, X):
        p = sigmoid(self._z(X) @ self.w)
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)


def build():
    return NumpyLogit()
