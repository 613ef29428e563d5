# kind: solution
# target: stress
# time: second
# split: time
# leak: future-values
# line: 22
# why: a symmetric kernel with mode "same" mixes later samples into each sample.
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer


def gaussian_kernel(half_width: int, sigma: float) -> np.ndarray:
    t = np.arange(-half_width, half_width + 1)
    k = np.exp(-0.5 * (t / sigma) ** 2)
    return k / k.sum()


def denoise(values: np.ndarray) -> np.ndarray:
    # wearables are noisy, take the edge off
    return np.convolve(values, gaussian_kernel(5, 2.0), mode="same")


def physio(X):
    ordered = X.sort_values("second", kind="stable")
    hr = denoise(ordered["heart_rate"].to_numpy(float))
    out = ordered[["skin_temp"]].assign(hr=hr, hr_speed=np.diff(hr, prepend=hr[:1]))
    return out.loc[X.index]


def build():
    return Pipeline([
        ("physio", FunctionTransformer(physio)),
        ("forest", RandomForestClassifier(200, min_samples_leaf=5, n_jobs=1, random_state=3)),
    ])
