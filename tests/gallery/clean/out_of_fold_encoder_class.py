# kind: solution
# target: price
# why: training rows are encoded out of fold and new rows by the means of the training rows.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold


class ZipModel(RegressorMixin, BaseEstimator):
    nums = ["bedrooms", "bathrooms", "sqft_living", "sqft_lot", "grade"]

    def fit(self, X, y):
        y = pd.Series(np.asarray(y, dtype=float), index=X.index)
        code = np.zeros(len(X))
        for a, b in KFold(5, shuffle=True, random_state=0).split(X):
            means = y.iloc[a].groupby(X["zipcode"].iloc[a]).mean()
            code[b] = X["zipcode"].iloc[b].map(means).fillna(y.iloc[a].mean())
        self.means_ = y.groupby(X["zipcode"]).mean()
        self.overall_ = y.mean()
        self.gb_ = HistGradientBoostingRegressor(max_iter=400)
        self.gb_.fit(X[self.nums].assign(zip_code=code), y)
        return self

    def predict(self, X):
        code = X["zipcode"].map(self.means_).fillna(self.overall_).to_numpy()
        return self.gb_.predict(X[self.nums].assign(zip_code=code))


def build():
    return ZipModel()
