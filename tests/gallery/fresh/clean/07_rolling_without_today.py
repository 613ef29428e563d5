# kind: solution
# target: trip_next_hour
# time: ts
# split: time
# why: the windows end before the present row (closed left) or at it, and never reach forward.
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

PAST = dict(window=12, min_periods=1, closed="left", center=False)


def past_of(frame, column):
    per_pump = frame.groupby("pump")[column]
    return pd.DataFrame({
        f"{column}_mean": per_pump.transform(lambda s: s.rolling(**PAST).mean()),
        f"{column}_max": per_pump.transform(lambda s: s.rolling(**PAST).max()),
        f"{column}_ewm": per_pump.transform(lambda s: s.ewm(span=6).mean()),
        f"{column}_step": per_pump.diff(),
    })


def signals(X):
    frame = X.sort_values("ts", kind="stable")
    table = pd.concat([frame[["pressure", "vibration"]], past_of(frame, "pressure"), past_of(frame, "vibration")], axis=1)
    return table.fillna(-1.0).loc[X.index]


def build():
    return make_pipeline(FunctionTransformer(signals), ExtraTreesClassifier(n_estimators=100, random_state=1))
