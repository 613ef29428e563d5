# kind: solution
# target: spend
# leak: fit-before-split
# line: 16
# why: KNN gaps are filled with neighbours among all rows before rows get their fold numbers.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import KNNImputer


class Spend(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        y = np.asarray(y)
        self.imputer_ = KNNImputer(n_neighbors=5)
        Z = self.imputer_.fit_transform(X)
        fold = np.random.RandomState(0).randint(0, 5, size=len(Z))
        best = None
        for leaf in (1, 5, 20):
            losses = []
            for k in range(5):
                train, valid = fold != k, fold == k
                model = RandomForestRegressor(200, min_samples_leaf=leaf, random_state=0).fit(Z[train], y[train])
                losses.append(np.mean((y[valid] - model.predict(Z[valid])) ** 2))
            if best is None or np.mean(losses) < best[0]:
                best = (np.mean(losses), leaf)
        self.model_ = RandomForestRegressor(200, min_samples_leaf=best[1], random_state=0).fit(Z, y)
        return self

    def predict(self, X):
        return self.model_.predict(self.imputer_.transform(X))


def build():
    return Spend()
