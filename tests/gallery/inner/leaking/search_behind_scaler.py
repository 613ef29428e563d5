# kind: solution
# target: price
# leak: fit-before-split
# line: 20
# why: Only the regressor is searched; imputer and scaler in front of the search were fitted on all rows of its folds.
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def build():
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), make_column_selector(dtype_include=object)),
    )
    search = GridSearchCV(KNeighborsRegressor(), {"n_neighbors": [3, 7, 15, 31], "weights": ["uniform", "distance"]}, cv=5)
    return Pipeline([("prepare", prepare), ("search", search)])
