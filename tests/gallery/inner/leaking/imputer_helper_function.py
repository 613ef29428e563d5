# kind: solution
# target: yield_t
# leak: fit-before-split
# line: 18
# why: A helper fits the imputer on all rows, and the result goes into the search.
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.model_selection import GridSearchCV, RepeatedKFold

NUMERIC = ["rain", "sun", "nitrogen", "ph"]


def prepare(frame, imputer=None):
    if imputer is None:
        imputer = IterativeImputer(random_state=0).fit(frame[NUMERIC])
    filled = pd.DataFrame(imputer.transform(frame[NUMERIC]), columns=NUMERIC, index=frame.index)
    filled["rain_x_sun"] = filled["rain"] * filled["sun"]
    return filled, imputer


class YieldForest(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        table, self.imputer_ = prepare(X)
        cv = RepeatedKFold(n_splits=5, n_repeats=2, random_state=0)
        self.search_ = GridSearchCV(
            estimator=RandomForestRegressor(random_state=0),
            param_grid={"max_features": [0.3, 0.6, 1.0], "min_samples_leaf": [1, 3, 9]},
            cv=cv,
        ).fit(table, y)
        return self

    def predict(self, X):
        return self.search_.predict(prepare(X, self.imputer_)[0])


def build():
    return YieldForest()
