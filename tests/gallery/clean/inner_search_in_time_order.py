# kind: solution
# target: demand
# time: week
# split: time
# why: the inner search also keeps the order of the weeks.
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.base import BaseEstimator, RegressorMixin


class WeeklyDemand(RegressorMixin, BaseEstimator):
    def _table(self, X):
        week = pd.to_datetime(X["week"])
        return X[["price", "on_promo", "stock"]].assign(
            month=week.dt.month, year=week.dt.year, quarter=week.dt.quarter
        )

    def fit(self, X, y):
        order = X["week"].argsort()
        self.search_ = GridSearchCV(
            LGBMRegressor(n_estimators=200, verbose=-1),
            {"num_leaves": [7, 15, 31], "min_child_samples": [10, 40]},
            cv=TimeSeriesSplit(4),
            scoring="neg_mean_absolute_error",
        )
        self.search_.fit(self._table(X).iloc[order], pd.Series(y).iloc[order])
        return self

    def predict(self, X):
        return self.search_.predict(self._table(X))


def build():
    return WeeklyDemand()
