# kind: solution
# target: kwh_tomorrow
# time: day
# split: time
# leak: future-values
# line: 22
# why: gaps are filled backwards, that is with values measured on later days.
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import ElasticNet
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


class MeterTable(BaseEstimator, TransformerMixin):
    columns = ["kwh", "temp", "solar", "occupancy"]

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        ordered = X.sort_values("day")
        filled = ordered[self.columns].bfill()
        filled["month"] = ordered["day"].dt.month
        filled["weekday"] = ordered["day"].dt.dayofweek
        return filled.fillna(0).loc[X.index]


def build():
    return Pipeline([
        ("table", MeterTable()),
        ("scale", StandardScaler()),
        ("net", ElasticNet(alpha=0.1, l1_ratio=0.3)),
    ])
