# kind: solution
# target: crop_yield
# leak: fit-before-split
# line: 24
# why: Imputer and scaler are fitted on all rows before the inner folds that choose the penalty are made.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.impute import KNNImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class TunedRidge(RegressorMixin, BaseEstimator):
    def __init__(self, alphas=(0.01, 0.1, 1, 10, 100, 1000)):
        self.alphas = alphas

    def fit(self, X, y):
        X = X.select_dtypes("number")
        self.columns_ = list(X.columns)
        y = np.asarray(y, dtype=float)
        self.prepare_ = make_pipeline(KNNImputer(n_neighbors=7), StandardScaler())
        Z = self.prepare_.fit_transform(X)
        scores = {}
        for alpha in self.alphas:
            errors = []
            for a, b in KFold(5, shuffle=True, random_state=0).split(Z):
                model = Ridge(alpha=alpha).fit(Z[a], y[a])
                errors.append(np.mean((model.predict(Z[b]) - y[b]) ** 2))
            scores[alpha] = np.mean(errors)
        self.alpha_ = min(scores, key=scores.get)
        self.model_ = Ridge(alpha=self.alpha_).fit(Z, y)
        return self

    def predict(self, X):
        return self.model_.predict(self.prepare_.transform(X[self.columns_]))


def build():
    return TunedRidge()
