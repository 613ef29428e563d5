# kind: solution
# target: clicks
# why: One part decides when to stop and another compares the settings.
import lightgbm as lgb
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split


class TunedBooster(BaseEstimator, RegressorMixin):
    def __init__(self, leaves=(15, 31, 63, 127)):
        self.leaves = leaves

    def fit(self, X, y):
        Z = X.select_dtypes(["number", "bool"])
        rest, judge, y_rest, y_judge = train_test_split(Z, y, test_size=0.2, random_state=0)
        A, B, ya, yb = train_test_split(rest, y_rest, test_size=0.2, random_state=0)
        errors = {}
        for n in self.leaves:
            model = lgb.LGBMRegressor(n_estimators=5000, num_leaves=n, learning_rate=0.03, verbose=-1)
            model.fit(A, ya, eval_set=[(B, yb)], callbacks=[lgb.early_stopping(100, verbose=False)])
            errors[n] = (np.sqrt(mean_squared_error(y_judge, model.predict(judge))), model.best_iteration_)
        n = min(errors, key=errors.get)
        self.model_ = lgb.LGBMRegressor(n_estimators=errors[n][1], num_leaves=n, learning_rate=0.03, verbose=-1).fit(Z, y)
        return self

    def predict(self, X):
        return self.model_.predict(X.select_dtypes(["number", "bool"]))


def build():
    return TunedBooster()
