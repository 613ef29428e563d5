# kind: solution
# target: rent
# why: District medians are taken in fit from the training rows and looked up in transform.
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import Pipeline

COLUMNS = ["area", "rooms", "year_built"]


class DistrictFill(BaseEstimator, TransformerMixin):
    def fit(self, X, y=None):
        self.medians_ = X.groupby("district")[COLUMNS].median()
        self.overall_ = X[COLUMNS].median()
        return self

    def transform(self, X):
        X = X.copy()
        for column in COLUMNS:
            typical = X["district"].map(self.medians_[column]).fillna(self.overall_[column])
            X[column + "_vs_district"] = X[column] / typical
            X[column] = X[column].fillna(typical)
        return X.select_dtypes("number").fillna(0)


def build():
    return Pipeline([
        ("fill", DistrictFill()),
        ("forest", RandomForestRegressor(n_estimators=250, min_samples_leaf=2, random_state=0)),
    ])
