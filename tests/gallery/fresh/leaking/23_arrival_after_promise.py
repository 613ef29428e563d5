# kind: solution
# target: late
# leak: target-in-features
# line: 15
# why: delivery later than promised is the definition of the target, and is known only afterwards.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.tree import DecisionTreeClassifier


def shipment_matrix(df):
    promised = pd.to_datetime(df["promised_at"])
    delivered = pd.to_datetime(df["delivered_at"])
    slack = (delivered - promised) / np.timedelta64(1, "h")
    carrier = df["carrier"].map({"a": 0, "b": 1, "c": 2, "d": 3}).fillna(-1)
    return np.c_[promised.dt.dayofweek, slack, np.log1p(df["weight_kg"]), carrier]


class LateDelivery(ClassifierMixin, BaseEstimator):
    def __init__(self, max_depth=6):
        self.max_depth = max_depth

    def fit(self, X, y):
        self.tree_ = DecisionTreeClassifier(max_depth=self.max_depth, min_samples_leaf=10)
        self.tree_.fit(shipment_matrix(X), y)
        self.classes_ = self.tree_.classes_
        return self

    def predict(self, X):
        return self.tree_.predict(shipment_matrix(X))

    def predict_proba(self, X):
        return self.tree_.predict_proba(shipment_matrix(X))


def build():
    return LateDelivery()
