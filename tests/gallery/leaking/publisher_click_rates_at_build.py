# kind: solution
# target: clicked
# leak: target-encoding
# line: 30
# why: the click rates per publisher are counted when the estimator is built, over all rows.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline


class RateEncoder(BaseEstimator, TransformerMixin):
    def __init__(self, rates=None):
        self.rates = rates

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return pd.DataFrame({
            col: X[col].map(rate).fillna(0.01) for col, rate in self.rates.items()
        })


def build():
    log = pd.read_csv("ad_log.csv", usecols=["publisher", "creative", "clicked"])
    rates = {}
    for col in ("publisher", "creative"):
        g = log.groupby(col)["clicked"]
        rates[col] = ((g.sum() + 1) / (g.count() + 100)).to_dict()
    return Pipeline([("rates", RateEncoder(rates)), ("lr", LogisticRegression())])
