# kind: solution
# target: strength
# why: expansion, variance filter, elimination and ridge are steps of one pipeline, and the search cross-validates all of it.
from sklearn.feature_selection import RFE, VarianceThreshold
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler


def mix_ratios(df):
    binder = df["cement"] + df["slag"] + df["ash"]
    return df.assign(
        binder=binder,
        water_binder=df["water"] / binder.clip(lower=1.0),
        mature=(df["age"] >= 28).astype(int),
    )


def build():
    pipe = Pipeline([
        ("ratios", FunctionTransformer(mix_ratios)),
        ("scale", StandardScaler()),
        ("poly", PolynomialFeatures(2, include_bias=False)),
        ("var", VarianceThreshold(1e-4)),
        ("rescale", StandardScaler()),
        ("rfe", RFE(Ridge(1.0), step=0.1)),
        ("ridge", Ridge()),
    ])
    grid = {"rfe__n_features_to_select": [10, 20, 40], "ridge__alpha": [0.01, 0.1, 1, 10, 100]}
    cv = KFold(5, shuffle=True, random_state=0)
    return GridSearchCV(pipe, grid, cv=cv, scoring="neg_root_mean_squared_error", n_jobs=-1)
