# kind: solution
# target: rent
# leak: outside-fold
# line: 11
# why: The medians of each district are read from the complete file, so the validation rows of every fold are in them.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import Pipeline

ALL = pd.read_csv("data/rents.csv")
MEDIANS = ALL.groupby("district")[["area", "rooms", "year_built"]].median()
OVERALL = ALL[["area", "rooms", "year_built"]].median()


class DistrictFill(BaseEstimator, TransformerMixin):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        X = X.copy()
        for column in MEDIANS.columns:
            typical = X["district"].map(MEDIANS[column]).fillna(OVERALL[column])
            X[column + "_vs_district"] = X[column] / typical
            X[column] = X[column].fillna(typical)
        return X.select_dtypes("number").fillna(0)


def build():
    return Pipeline([
        ("fill", DistrictFill()),
        ("forest", RandomForestRegressor(n_estimators=250, min_samples_leaf=2, random_state=0)),
    ])
