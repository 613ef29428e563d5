# kind: solution
# target: revenue
# why: Each segment has a model of its own on scaled rows, and nothing is held out or chosen.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler


class PerSegment(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        y = np.asarray(y)
        segment = X["segment"].to_numpy()
        self.scaler_ = StandardScaler()
        Z = self.scaler_.fit_transform(X.drop(columns="segment").fillna(0))
        self.all_ = Ridge().fit(Z, y)
        self.models_ = {}
        for name in np.unique(segment):
            rows = segment == name
            if rows.sum() >= 30:
                self.models_[name] = Ridge().fit(Z[rows], y[rows])
        return self

    def predict(self, X):
        Z = self.scaler_.transform(X.drop(columns="segment").fillna(0))
        out = self.all_.predict(Z)
        for name, model in self.models_.items():
            rows = (X["segment"] == name).to_numpy()
            if rows.any():
                out[rows] = model.predict(Z[rows])
        return out


def build():
    return PerSegment()
