# kind: solution
# target: demand
# time: week
# split: time
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Lasso
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def seasons(X):
    day = X["week"].dt.dayofyear.to_numpy()
    waves = {f"{fn.__name__}{k}": fn(2 * np.pi * k * day / 365.25) for k in (1, 2, 3) for fn in (np.sin, np.cos)}
    years = (X["week"] - pd.Timestamp("2000-01-01")) / pd.Timedelta(days=365.25)
    return pd.DataFrame(waves, index=X.index).assign(trend=years, price=X["price"], promo=X["promo"].astype(float))


class SeasonalLasso(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        order = np.argsort(X["week"].to_numpy(), kind="stable")
        Z, y = seasons(X).iloc[order], np.asarray(y)[order]
        pipe = make_pipeline(StandardScaler(), Lasso(max_iter=20000))
        grid = {"lasso__alpha": np.logspace(-3, 1, 9)}
        self.search_ = GridSearchCV(pipe, grid, cv=TimeSeriesSplit(4), scoring="neg_mean_absolute_error")
        self.search_.fit(Z, y)
        return self

    def predict(self, X):
        return self.search_.predict(seasons(X))


def build():
    return SeasonalLasso()
