# kind: solution
# target: strength
# why: The class that tunes hands the whole pipeline to the search, with the step that learns inside.
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.model_selection import HalvingGridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer
from sklearn.svm import SVR


class Tuner(BaseEstimator, RegressorMixin):
    def __init__(self, step, model, grid):
        self.step = step
        self.model = model
        self.grid = grid

    def fit(self, X, y):
        pipe = Pipeline([("step", clone(self.step)), ("model", clone(self.model))])
        grid = {f"model__{name}": values for name, values in self.grid.items()}
        self.search_ = HalvingGridSearchCV(pipe, grid, cv=5, random_state=0).fit(X, y)
        return self

    def predict(self, X):
        return self.search_.predict(X)


def build():
    return Tuner(QuantileTransformer(n_quantiles=200, random_state=0), SVR(), {"C": [1, 10, 100], "epsilon": [0.1, 0.5]})
