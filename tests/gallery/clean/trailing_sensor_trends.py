# kind: solution
# target: failure_soon
# time: ts
# split: time
# why: trends are differences to earlier readings, never to later ones.
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def trends(frame):
    X = pd.DataFrame(frame).sort_values("ts")
    out = X[["temp", "pressure", "rpm"]].ffill()
    out["temp_before"] = X["temp"].shift(1)
    out["rise"] = out["temp"] - out["temp_before"]
    out["rpm_mean"] = X["rpm"].rolling(12, min_periods=1).mean()
    out["pressure_max"] = X["pressure"].rolling(6, min_periods=1).max()
    return out.loc[frame.index]


def build():
    return make_pipeline(FunctionTransformer(trends), HistGradientBoostingClassifier(max_iter=150))
