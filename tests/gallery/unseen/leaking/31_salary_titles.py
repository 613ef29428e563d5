# kind: solution
# target: salary
# leak: target-encoding
# line: 27
# why: Titles are replaced by mean salaries of all rows given to fit before the grid search splits them, so its scores know the answers.
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import GridSearchCV

GRID = {"max_depth": [2, 4, 6, 10], "min_samples_leaf": [1, 5, 20], "n_estimators": [100, 400]}


class SalaryModel(RegressorMixin, BaseEstimator):
    def __init__(self, keys=("job_title", "company", "town")):
        self.keys = keys

    def _encode(self, X):
        out = X[["experience_years", "remote_share"]].fillna(0).copy()
        for key in self.keys:
            out[key] = X[key].map(self.means_[key]).fillna(self.mean_)
        return out

    def fit(self, X, y):
        y = pd.Series(y, index=X.index)
        self.mean_ = y.mean()
        self.means_ = {key: y.groupby(X[key]).mean() for key in self.keys}
        encoded = self._encode(X)
        search = GridSearchCV(GradientBoostingRegressor(random_state=0), GRID, cv=5, scoring="neg_mean_absolute_error")
        search.fit(encoded, y)
        self.model_ = search.best_estimator_
        return self

    def predict(self, X):
        return self.model_.predict(self._encode(X))


def build():
    return SalaryModel()
