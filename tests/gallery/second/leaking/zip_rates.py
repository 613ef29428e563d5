# kind: solution
# target: claim
# leak: target-encoding
# line: 14
# why: The claim rate per zip code is taken from all labelled rows of the file, whichever fold they are in.
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

policies = pd.read_csv("data/policies.csv", dtype={"zip": str})
overall = policies["claim"].mean()
stats = policies.groupby("zip")["claim"].agg(["sum", "count"])
ZIP_RISK = ((stats["sum"] + 20 * overall) / (stats["count"] + 20)).to_dict()


def encode(X):
    X = pd.DataFrame(X).copy()
    X["zip_risk"] = X["zip"].astype(str).map(ZIP_RISK).fillna(overall)
    X["car_age_log"] = np.log1p(X["car_age"].clip(lower=0))
    X["power_per_kg"] = X["power"] / X["weight"]
    return X.select_dtypes("number")


def build():
    return Pipeline([
        ("encode", FunctionTransformer(encode)),
        ("lgbm", LGBMClassifier(n_estimators=200, num_leaves=15, min_child_samples=40, verbose=-1)),
    ])
