# kind: solution
# target: wear_um
# time: t
# split: time
# leak: future-values
# line: 30
# why: filtfilt runs the filter forwards and backwards, so each smoothed value depends on later samples.
import numpy as np
from scipy import signal
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


class Denoise(BaseEstimator, TransformerMixin):
    def __init__(self, cutoff=0.08, order=3, channels=("acc_x", "acc_y", "acc_z", "spindle_a")):
        self.cutoff = cutoff
        self.order = order
        self.channels = channels

    def fit(self, X, y=None):
        self.b_, self.a_ = signal.butter(self.order, self.cutoff)
        return self

    def transform(self, X):
        order = np.argsort(X["t"].to_numpy(), kind="stable")
        raw = X[list(self.channels)].to_numpy(dtype=float)[order]
        smooth = signal.filtfilt(self.b_, self.a_, raw, axis=0)
        back = np.empty_like(smooth)
        back[order] = smooth
        return np.hstack([back, np.abs(back)])


def build():
    kernel = 1.0 * RBF(length_scale=3.0) + WhiteKernel(0.1)
    return Pipeline([
        ("denoise", Denoise()),
        ("scale", StandardScaler()),
        ("gp", GaussianProcessRegressor(kernel, normalize_y=True, random_state=0)),
    ])
