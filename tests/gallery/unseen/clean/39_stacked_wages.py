# kind: solution
# target: wage
# why: The final model of the stack learns from predictions made across inner folds.
from catboost import CatBoostRegressor
from sklearn.compose import make_column_selector as selector
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor, StackingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def prepare():
    return make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), selector(dtype_include=object)),
    )


def build():
    base = [
        ("forest", make_pipeline(prepare(), RandomForestRegressor(n_estimators=200, random_state=0))),
        ("boost", make_pipeline(prepare(), CatBoostRegressor(iterations=300, verbose=0, random_seed=0))),
        ("ridge", make_pipeline(prepare(), RidgeCV(alphas=[0.1, 1, 10, 100]))),
    ]
    return StackingRegressor(base, final_estimator=RidgeCV(), cv=5)
