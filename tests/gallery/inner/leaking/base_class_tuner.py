# kind: solution
# target: strength
# leak: fit-before-split
# line: 19
# why: The class that tunes hands rows to the search that its own step has scaled with all rows.
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.model_selection import HalvingGridSearchCV
from sklearn.preprocessing import QuantileTransformer
from sklearn.svm import SVR


class Tuner(BaseEstimator, RegressorMixin):
    def __init__(self, step, model, grid):
        self.step = step
        self.model = model
        self.grid = grid

    def fit(self, X, y):
        self.step_ = clone(self.step).fit(X)
        self.search_ = HalvingGridSearchCV(clone(self.model), self.grid, cv=5, random_state=0)
        self.search_.fit(self.step_.transform(X), y)
        return self

    def predict(self, X):
        return self.search_.predict(self.step_.transform(X))


def build():
    return Tuner(QuantileTransformer(n_quantiles=200, random_state=0), SVR(), {"C": [1, 10, 100], "epsilon": [0.1, 0.5]})
