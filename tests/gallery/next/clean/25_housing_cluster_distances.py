# kind: solution
# target: median_value
# why: clusters and components are unsupervised steps fitted with the rest of the pipeline in the fold.
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import numpy as np


def column_ratio(A):
    A = np.asarray(A, dtype=float)
    return A[:, [0]] / np.maximum(A[:, [1]], 1.0)


def ratio():
    return make_pipeline(
        SimpleImputer(strategy="median"), FunctionTransformer(column_ratio), StandardScaler()
    )


def build():
    prep = ColumnTransformer([
        ("rooms", ratio(), ["total_rooms", "households"]),
        ("people", ratio(), ["population", "households"]),
        ("geo", make_pipeline(StandardScaler(), KMeans(12, n_init=10, random_state=42)), ["latitude", "longitude"]),
        ("rest", make_pipeline(SimpleImputer(), StandardScaler(), PCA(2)), ["median_income", "housing_age", "total_bedrooms"]),
    ])
    return Pipeline([
        ("prep", prep),
        ("gbr", GradientBoostingRegressor(n_estimators=400, max_depth=5, random_state=42)),
    ])
