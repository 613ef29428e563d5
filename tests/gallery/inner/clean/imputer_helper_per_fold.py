# kind: solution
# target: yield_t
# why: The helper fits the imputer on the rows that it is handed, which are those of the inner training part.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import KNNImputer
from sklearn.model_selection import RepeatedKFold

NUMERIC = ["rain", "sun", "nitrogen", "ph"]


def prepare(frame, imputer=None):
    if imputer is None:
        imputer = KNNImputer().fit(frame[NUMERIC])
    filled = pd.DataFrame(imputer.transform(frame[NUMERIC]), columns=NUMERIC, index=frame.index)
    filled["rain_x_sun"] = filled["rain"] * filled["sun"]
    return filled, imputer


class YieldForest(BaseEstimator, RegressorMixin):
    def _error(self, X, y, leaf):
        errors = []
        for tr, va in RepeatedKFold(n_splits=5, n_repeats=2, random_state=0).split(X):
            inner, imputer = prepare(X.iloc[tr])
            model = RandomForestRegressor(min_samples_leaf=leaf, random_state=0).fit(inner, y.iloc[tr])
            outer, _ = prepare(X.iloc[va], imputer)
            errors.append(np.mean((model.predict(outer) - y.iloc[va]) ** 2))
        return np.mean(errors)

    def fit(self, X, y):
        leaf = min((1, 3, 9), key=lambda leaf: self._error(X, y, leaf))
        table, self.imputer_ = prepare(X)
        self.model_ = RandomForestRegressor(min_samples_leaf=leaf, random_state=0).fit(table, y)
        return self

    def predict(self, X):
        return self.model_.predict(prepare(X, self.imputer_)[0])


def build():
    return YieldForest()
