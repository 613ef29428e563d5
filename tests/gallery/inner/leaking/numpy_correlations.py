# kind: solution
# target: binding
# leak: selected-before-split
# line: 20
# why: Correlations with the target over all rows pick the columns before the folds.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, Matern, WhiteKernel
from sklearn.model_selection import KFold, cross_val_score


class Binding(BaseEstimator, RegressorMixin):
    def __init__(self, n=8):
        self.n = n

    def fit(self, X, y):
        A = X.to_numpy(float)
        y = np.asarray(y, float)
        r = np.array([abs(np.corrcoef(A[:, j], y)[0, 1]) for j in range(A.shape[1])])
        self.best_ = np.argsort(-r)[: self.n]
        A = A[:, self.best_]
        kernels = [RBF() + WhiteKernel(), Matern(nu=1.5) + WhiteKernel()]
        folds = KFold(5, shuffle=True, random_state=0)
        means = [cross_val_score(GaussianProcessRegressor(k, normalize_y=True), A, y, cv=folds).mean() for k in kernels]
        self.gp_ = GaussianProcessRegressor(kernels[int(np.argmax(means))], normalize_y=True).fit(A, y)
        return self

    def predict(self, X):
        return self.gp_.predict(X.to_numpy(float)[:, self.best_])


def build():
    return Binding()
