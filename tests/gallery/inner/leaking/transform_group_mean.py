# kind: solution
# target: duration
# leak: target-encoding
# line: 15
# why: Each courier gets the mean duration of all rows by transform, the validated ones among them.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import train_test_split


class Delivery(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        t = X.assign(_t=np.asarray(y))
        t["courier_mean"] = t.groupby("courier_id")["_t"].transform("mean")
        self.lookup_ = t.groupby("courier_id")["courier_mean"].first()
        self.fallback_ = t["_t"].mean()
        Z = t[["distance", "weight", "courier_mean"]]
        Z1, Z2, y1, y2 = train_test_split(Z, t["_t"], test_size=0.2, random_state=4)
        trials = {}
        for depth in (3, 6, None):
            model = HistGradientBoostingRegressor(max_depth=depth).fit(Z1, y1)
            trials[depth] = np.abs(model.predict(Z2) - y2).mean()
        self.model_ = HistGradientBoostingRegressor(max_depth=min(trials, key=trials.get)).fit(Z, t["_t"])
        return self

    def predict(self, X):
        Z = X[["distance", "weight"]].assign(courier_mean=X["courier_id"].map(self.lookup_).fillna(self.fallback_))
        return self.model_.predict(Z)


def build():
    return Delivery()
