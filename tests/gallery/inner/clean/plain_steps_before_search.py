# kind: solution
# target: price
# why: In front of the search only columns are dropped and rows are changed one by one.
import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def numbers(X):
    Z = X.select_dtypes("number").drop(columns=["listing_id"], errors="ignore")
    return np.sign(Z) * np.log1p(np.abs(Z))


def build():
    inner = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), KNeighborsRegressor())
    grid = {"kneighborsregressor__n_neighbors": [3, 7, 15, 31], "kneighborsregressor__weights": ["uniform", "distance"]}
    return make_pipeline(FunctionTransformer(numbers), GridSearchCV(inner, grid, cv=5))
