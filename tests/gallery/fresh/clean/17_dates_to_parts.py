# kind: solution
# target: trip_minutes
# time: pickup_at
# why: parts of the date and the difference of two dates known at the start are taken row by row.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline


class DateParts(TransformerMixin, BaseEstimator):
    HOLIDAYS = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        at = pd.to_datetime(X["pickup_at"])
        angle = 2 * np.pi * (at.dt.hour + at.dt.minute / 60) / 24
        return pd.DataFrame({
            "hour_sin": np.sin(angle),
            "hour_cos": np.cos(angle),
            "dow": at.dt.dayofweek,
            "month": at.dt.month,
            "holiday": [(d.month, d.day) in self.HOLIDAYS for d in at],
            "lead_h": (at - pd.to_datetime(X["booked_at"])).dt.total_seconds() / 3600,
            "seats": X["seats"],
        }).astype(float)


def build():
    return make_pipeline(DateParts(), RandomForestRegressor(n_estimators=120, random_state=0))
