# kind: solution
# target: binding
# why: Candidates are drawn at random and compared by folds of rows that nothing was learned from before.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import cross_val_score


class Searched(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        A = np.log1p(X.select_dtypes("number").clip(lower=0)).fillna(0)
        A = A.assign(total=A.sum(axis=1), spread=A.max(axis=1) - A.min(axis=1))
        rng = np.random.default_rng(3)
        tried = []
        for _ in range(12):
            params = {"min_samples_leaf": int(rng.integers(1, 20)), "max_features": float(rng.uniform(0.2, 1.0))}
            model = TransformedTargetRegressor(ExtraTreesRegressor(200, **params), func=np.log1p, inverse_func=np.expm1)
            tried.append((cross_val_score(model, A, y, cv=5).mean(), params))
        tried.sort(key=lambda pair: pair[0])
        self.model_ = ExtraTreesRegressor(400, **tried[-1][1]).fit(A, y)
        return self

    def predict(self, X):
        A = np.log1p(X.select_dtypes("number").clip(lower=0)).fillna(0)
        return self.model_.predict(A.assign(total=A.sum(axis=1), spread=A.max(axis=1) - A.min(axis=1)))


def build():
    return Searched()
