# kind: solution
# target: toxicity
# why: the second layer learns from predictions made by models that did not see the row; the first layer is refitted afterwards.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Blend(BaseEstimator, RegressorMixin):
    def __init__(self, layer=None, final=None, folds=5):
        self.layer = layer
        self.final = final
        self.folds = folds

    def fit(self, X, y):
        cv = KFold(self.folds, shuffle=True, random_state=0)
        meta = np.column_stack([cross_val_predict(clone(m), X, y, cv=cv) for m in self.layer])
        self.final_ = clone(self.final).fit(meta, y)
        self.layer_ = [clone(m).fit(X, y) for m in self.layer]
        return self

    def predict(self, X):
        meta = np.column_stack([m.predict(X) for m in self.layer_])
        return self.final_.predict(meta)


def build():
    return Blend(
        layer=[
            ExtraTreesRegressor(500, n_jobs=-1, random_state=1),
            GradientBoostingRegressor(n_estimators=400, max_depth=5, random_state=1),
            make_pipeline(StandardScaler(), KNeighborsRegressor(5, weights="distance")),
        ],
        final=LinearRegression(positive=True),
    )
