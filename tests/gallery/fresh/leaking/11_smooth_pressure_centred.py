# kind: solution
# target: trip_next_hour
# time: ts
# split: time
# leak: future-values
# line: 16
# why: the windows are centred, half of every window lies after the moment of the forecast.
from functools import partial

import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

WINDOW = dict(window=13, min_periods=3, center=True)


def windowed(frame, column, how):
    per_pump = frame.groupby("pump")[column]
    return per_pump.transform(lambda s: getattr(s.rolling(**WINDOW), how)())


def signals(X, columns=("pressure",)):
    frame = X.sort_values("ts")
    parts = {c: frame[c] for c in columns}
    for c in columns:
        for how in ("mean", "std", "min"):
            parts[f"{c}_{how}"] = windowed(frame, c, how)
    return pd.DataFrame(parts).loc[X.index]


def build():
    return make_pipeline(
        FunctionTransformer(partial(signals, columns=("pressure", "vibration"))),
        SimpleImputer(strategy="constant", fill_value=0.0),
        ExtraTreesClassifier(n_estimators=150, class_weight="balanced", random_state=1),
    )
