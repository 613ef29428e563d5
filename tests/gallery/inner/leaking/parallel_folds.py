# kind: solution
# target: ndvi
# leak: fit-before-split
# line: 21
# why: Folds are scored in parallel on a table whose gaps were filled with means of all rows.
import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor


def one_fold(A, y, train, test, k):
    model = KNeighborsRegressor(k).fit(A[train], y[train])
    return np.mean((model.predict(A[test]) - y[test]) ** 2)


class Ndvi(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        y = np.asarray(y)
        self.means_ = X.mean()
        A = X.fillna(self.means_).to_numpy()
        splits = list(KFold(5, shuffle=True, random_state=0).split(A))
        losses = {}
        for k in (1, 3, 5, 9, 17):
            losses[k] = np.mean(Parallel(n_jobs=2)(delayed(one_fold)(A, y, tr, te, k) for tr, te in splits))
        self.model_ = KNeighborsRegressor(min(losses, key=losses.get)).fit(A, y)
        return self

    def predict(self, X):
        return self.model_.predict(X.fillna(self.means_).to_numpy())


def build():
    return Ndvi()
