# kind: solution
# target: signal
# why: The loop stops by rows that were cut off first and scaled with the others' mean.
import copy

import numpy as np
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from torch import nn


class Mlp(BaseEstimator, RegressorMixin):
    def __init__(self, epochs=200, patience=15):
        self.epochs = epochs
        self.patience = patience

    def fit(self, X, y):
        A, b = np.asarray(X, dtype=np.float32), np.asarray(y, dtype=np.float32)
        rng = np.random.default_rng(0)
        order = rng.permutation(len(A))
        cut = int(0.85 * len(A))
        tr, va = order[:cut], order[cut:]
        self.mean_, self.std_ = A[tr].mean(0), A[tr].std(0) + 1e-6
        xt = torch.tensor((A[tr] - self.mean_) / self.std_)
        xv = torch.tensor((A[va] - self.mean_) / self.std_)
        yt, yv = torch.tensor(b[tr]), torch.tensor(b[va])
        self.net_ = nn.Sequential(nn.Linear(A.shape[1], 64), nn.ReLU(), nn.Linear(64, 1))
        opt, loss_fn = torch.optim.Adam(self.net_.parameters(), 1e-3), nn.MSELoss()
        best, wait, state = float("inf"), 0, None
        for _ in range(self.epochs):
            opt.zero_grad()
            loss = loss_fn(self.net_(xt).squeeze(1), yt)
            loss.backward()
            opt.step()
            with torch.no_grad():
                val = loss_fn(self.net_(xv).squeeze(1), yv).item()
            if val < best:
                best, wait, state = val, 0, copy.deepcopy(self.net_.state_dict())
            else:
                wait += 1
                if wait > self.patience:
                    break
        self.net_.load_state_dict(state)
        return self

    def predict(self, X):
        A = (np.asarray(X, dtype=np.float32) - self.mean_) / self.std_
        with torch.no_grad():
            return self.net_(torch.tensor(A)).squeeze(1).numpy()


def build():
    return Mlp()
