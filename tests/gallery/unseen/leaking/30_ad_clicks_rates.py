# kind: solution
# target: clicked
# leak: target-encoding
# line: 17
# why: The click rates of advertisers and sites are averaged over the whole file with the answers of the validation rows in it.
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline

KEYS = ["advertiser", "site", "device_model"]


def click_rates(path="data/clicks.csv"):
    log = pd.read_csv(path)
    return {key: log.groupby(key)["clicked"].mean() for key in KEYS}


RATES = click_rates()


class Rates(TransformerMixin, BaseEstimator):
    def fit(self, X, y):
        self.prior_ = float(np.mean(y))
        return self

    def transform(self, X):
        out = pd.DataFrame({key: X[key].map(RATES[key]).fillna(self.prior_) for key in KEYS})
        out["hour"] = X["hour"]
        out["banner_pos"] = X["banner_pos"]
        return out


def build():
    return make_pipeline(Rates(), LGBMClassifier(n_estimators=200, num_leaves=31, verbosity=-1))
