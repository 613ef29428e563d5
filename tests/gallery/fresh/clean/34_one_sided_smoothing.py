# kind: solution
# target: stress
# time: second
# split: time
# why: the kernel is one-sided: the full convolution is cut so that a sample mixes itself and earlier ones only.
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

KERNEL = np.array([0.4, 0.25, 0.15, 0.12, 0.08])  # now, one second ago, two ...


def causal(values):
    padded = np.concatenate([np.repeat(values[:1], len(KERNEL) - 1), values])
    return np.convolve(padded, KERNEL, mode="valid")


def physio(X):
    ordered = X.sort_values("second", kind="stable")
    hr = causal(ordered["heart_rate"].to_numpy(float))
    lowest = ordered["heart_rate"].cummin()
    out = ordered[["skin_temp"]].assign(hr=hr, hr_speed=np.diff(hr, prepend=hr[:1]), above_lowest=hr - lowest)
    return out.ffill().fillna(0.0).loc[X.index]


def build():
    return Pipeline([
        ("physio", FunctionTransformer(physio)),
        ("forest", RandomForestClassifier(120, min_samples_leaf=5, random_state=3)),
    ])
