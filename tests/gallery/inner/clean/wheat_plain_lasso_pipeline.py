# kind: solution
# target: protein
# why: Scaler and LassoCV stand in one pipeline with nothing else learned before; the target is only standardised.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Lasso
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class WheatLasso(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        y = np.asarray(y, dtype=float)
        self.shift_, self.stretch_ = y.mean(), y.std()
        target = (y - self.shift_) / self.stretch_
        self.search_ = GridSearchCV(
            make_pipeline(StandardScaler(), Lasso(max_iter=50_000)), {"lasso__alpha": np.logspace(-4, 0, 12)}, cv=10
        )
        self.search_.fit(X.filter(like="nm_"), target)
        return self

    def predict(self, X):
        return self.search_.predict(X.filter(like="nm_")) * self.stretch_ + self.shift_


def build():
    return WheatLasso()
