# kind: solution
# target: failure_soon
# time: ts
# split: time
# leak: future-values
# line: 18
# why: the temperature of the following reading is not known when the forecast is made.
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def trends(X):
    X = pd.DataFrame(X).sort_values("ts")
    out = X[["temp", "pressure", "rpm"]].copy()
    out["temp_before"] = X["temp"].shift(1)
    out["temp_after"] = X["temp"].shift(-1)
    out["rise"] = out["temp_after"] - out["temp_before"]
    return out.sort_index()


def build():
    return make_pipeline(FunctionTransformer(trends), HistGradientBoostingClassifier(max_iter=150))
