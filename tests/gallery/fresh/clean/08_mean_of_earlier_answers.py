# kind: solution
# target: complaint
# time: started_at
# split: time
# why: a training row is given the rate of the driver's earlier trips only; new rows get the rate of all training trips.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import GradientBoostingClassifier


class TripComplaints(ClassifierMixin, BaseEstimator):
    def __init__(self, prior_trips=10.0):
        self.prior_trips = prior_trips

    def fit(self, X, y):
        frame = X.assign(_y=np.asarray(y, float)).sort_values("started_at", kind="stable")
        self.first_guess_ = 0.05  # known from the insurer, not from these rows
        g = frame.groupby("driver")["_y"]
        before = g.cumsum() - frame["_y"]
        n_before = g.cumcount()
        rate = (before + self.prior_trips * self.first_guess_) / (n_before + self.prior_trips)
        sums = g.agg(["sum", "count"])
        self.rate_ = (sums["sum"] + self.prior_trips * self.first_guess_) / (sums["count"] + self.prior_trips)
        table = self._table(frame, rate)
        self.gbc_ = GradientBoostingClassifier(n_estimators=120).fit(table, frame["_y"].astype(int))
        self.classes_ = self.gbc_.classes_
        return self

    def _table(self, X, rate):
        when = pd.to_datetime(X["started_at"])
        return pd.DataFrame({"distance": X["distance"], "hour": when.dt.hour, "rate": rate})

    def _new(self, X):
        return self._table(X, X["driver"].map(self.rate_).fillna(self.first_guess_))

    def predict(self, X):
        return self.gbc_.predict(self._new(X))

    def predict_proba(self, X):
        return self.gbc_.predict_proba(self._new(X))


def build():
    return TripComplaints()
