# kind: solution
# target: logS
# leak: selection-before-split
# line: 25
# why: descriptors are kept by their correlation with the target over all rows, and the folds that choose the number of trees come after.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import KFold


def top_by_r(M, t, keep):
    r = np.array([abs(np.corrcoef(M[:, j], t)[0, 1]) if M[:, j].std() > 0 else 0.0 for j in range(M.shape[1])])
    return np.argsort(-r)[:keep]


class Solubility(BaseEstimator, RegressorMixin):
    def __init__(self, keep=40, sizes=(100, 300, 600)):
        self.keep = keep
        self.sizes = sizes

    def fit(self, X, y):
        M = np.nan_to_num(np.asarray(X, float))
        t = np.asarray(y, float)
        self.cols_ = top_by_r(M, t, self.keep)
        M = M[:, self.cols_]

        rmse = []
        for n in self.sizes:
            sq = 0.0
            for a, b in KFold(5, shuffle=True, random_state=1).split(M):
                et = ExtraTreesRegressor(n, n_jobs=-1, random_state=1).fit(M[a], t[a])
                sq += ((et.predict(M[b]) - t[b]) ** 2).sum()
            rmse.append((sq / len(t)) ** 0.5)
        self.inner_rmse_ = min(rmse)
        best = self.sizes[int(np.argmin(rmse))]
        self.et_ = ExtraTreesRegressor(best, n_jobs=-1, random_state=1).fit(M, t)
        return self

    def predict(self, X):
        M = np.nan_to_num(np.asarray(X, float))[:, self.cols_]
        return self.et_.predict(M)


def build():
    return Solubility()
