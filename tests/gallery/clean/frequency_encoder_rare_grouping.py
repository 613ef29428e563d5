# kind: solution
# target: fraud
# why: how often a category occurs is counted on the training rows in fit.
from collections import Counter

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import make_pipeline


class FrequencyEncoder(BaseEstimator, TransformerMixin):
    def __init__(self, columns=("merchant", "city", "mcc")):
        self.columns = columns

    def fit(self, X, y=None):
        n = len(X)
        self.freq_ = {c: {k: v / n for k, v in Counter(X[c]).items()} for c in self.columns}
        return self

    def transform(self, X):
        out = pd.DataFrame({c: X[c].map(self.freq_[c]).fillna(0.0) for c in self.columns})
        out["amount"] = X["amount"].fillna(0)
        out["night"] = X["hour"].isin([0, 1, 2, 3, 4, 5]).astype(int)
        return out


def build():
    return make_pipeline(FrequencyEncoder(), ExtraTreesClassifier(300, class_weight="balanced"))
