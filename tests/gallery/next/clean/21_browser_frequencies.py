# kind: solution
# target: bounced
# why: the share of each category is counted over the training rows in fit, new rows look it up.
from __future__ import annotations

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline


class FrequencyEncoder(BaseEstimator, TransformerMixin):
    def __init__(self, columns: list[str], min_share: float = 0.0):
        self.columns = columns
        self.min_share = min_share

    def fit(self, X: pd.DataFrame, y=None) -> FrequencyEncoder:
        self.maps_: dict[str, dict] = {}
        for c in self.columns:
            share = X[c].value_counts(normalize=True)
            self.maps_[c] = share[share >= self.min_share].to_dict()
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        out = X.drop(columns=self.columns).select_dtypes("number").fillna(0)
        for c in self.columns:
            out[f"{c}_share"] = X[c].map(self.maps_[c]).fillna(0.0).astype(float)
        return out


def build():
    return make_pipeline(
        FrequencyEncoder(["browser", "country", "referrer"], min_share=0.001),
        RandomForestClassifier(n_estimators=500, min_samples_leaf=10, n_jobs=-1, random_state=1),
    )
