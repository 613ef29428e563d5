# kind: solution
# target: quality
# leak: preprocessing-before-split
# line: 25
# why: imputer and scaler see all rows, and k is then chosen by cross-validation on the already transformed matrix.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import StandardScaler


class TunedKNN(BaseEstimator, RegressorMixin):
    """k-nearest neighbours that looks for its own k."""

    def __init__(self, ks=(3, 5, 9, 15, 25, 41), folds=5, random_state=7):
        self.ks = ks
        self.folds = folds
        self.random_state = random_state

    def fit(self, X, y):
        self.imputer_ = SimpleImputer(strategy="median")
        self.scaler_ = StandardScaler()
        Z = self.scaler_.fit_transform(self.imputer_.fit_transform(X))

        cv = KFold(self.folds, shuffle=True, random_state=self.random_state)
        scores = {}
        for k in self.ks:
            knn = KNeighborsRegressor(n_neighbors=k, weights="distance")
            scores[k] = np.mean(
                cross_val_score(knn, Z, y, cv=cv, scoring="neg_mean_absolute_error")
            )
        self.best_k_ = max(scores, key=scores.get)
        self.cv_score_ = scores[self.best_k_]
        self.model_ = KNeighborsRegressor(n_neighbors=self.best_k_, weights="distance").fit(Z, y)
        return self

    def predict(self, X):
        return self.model_.predict(self.scaler_.transform(self.imputer_.transform(X)))


def build():
    return TunedKNN()
