# kind: solution
# target: nights
# leak: target-in-features
# line: 26
# why: the stay is computed from the date of departure, which is the target under another name.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline


class BookingFeatures(BaseEstimator, TransformerMixin):
    ROOMS = {"single": 1, "double": 2, "twin": 2, "suite": 4}

    def fit(self, X, y=None):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def transform(self, X):
        start, end = (pd.to_datetime(X[c]) for c in ("checkin_at", "checkout_at"))
        return pd.DataFrame({
            "month": start.dt.month,
            "weekend": (start.dt.dayofweek >= 4).astype(int),
            "span_days": (end - start).dt.total_seconds() / 86400,
            "adults": X["adults"],
            "lead_days": X["lead_days"],
            "beds": X["room_type"].map(self.ROOMS).fillna(0),
        })


def build():
    return make_pipeline(BookingFeatures(), RandomForestRegressor(n_estimators=200, random_state=7))
