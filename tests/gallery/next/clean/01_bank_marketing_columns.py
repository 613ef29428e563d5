# kind: solution
# target: subscribed
# why: imputation, scaling and encoding live in the pipeline and are fitted on the training part of the fold.
from sklearn.compose import ColumnTransformer
from sklearn.compose import make_column_selector as selector
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def build():
    numeric = Pipeline([
        ("impute", SimpleImputer(strategy="median", add_indicator=True)),
        ("scale", StandardScaler()),
    ])
    categorical = Pipeline([
        ("impute", SimpleImputer(strategy="constant", fill_value="missing")),
        ("onehot", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=0.01)),
    ])
    prep = ColumnTransformer([
        ("num", numeric, selector(dtype_include="number")),
        ("cat", categorical, selector(dtype_include=object)),
    ])
    return Pipeline([
        ("prep", prep),
        ("clf", LogisticRegression(C=0.5, class_weight="balanced", max_iter=3000)),
    ])
