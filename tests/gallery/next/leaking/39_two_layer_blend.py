# kind: solution
# target: toxicity
# leak: in-sample-meta
# line: 22
# why: the second layer is trained on predictions that the first layer makes for its own training rows.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Blend(BaseEstimator, RegressorMixin):
    def __init__(self, layer=None, final=None):
        self.layer = layer
        self.final = final

    def fit(self, X, y):
        self.layer_ = [clone(m).fit(X, y) for m in self.layer]
        self.final_ = clone(self.final).fit(self._meta(X), y)
        return self

    def _meta(self, X):
        return np.column_stack([m.predict(X) for m in self.layer_])

    def predict(self, X):
        return self.final_.predict(self._meta(X))


def build():
    return Blend(
        layer=[
            ExtraTreesRegressor(500, n_jobs=-1, random_state=1),
            GradientBoostingRegressor(n_estimators=400, max_depth=5, random_state=1),
            make_pipeline(StandardScaler(), KNeighborsRegressor(5, weights="distance")),
        ],
        final=LinearRegression(positive=True),
    )
