# kind: solution
# target: level_cm
# time: measured_at
# split: time
# leak: future-values
# line: 25
# why: The centred window averages the rain of the two days after the day that is forecast.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline


class RiverFeatures(TransformerMixin, BaseEstimator):
    """Weather around the gauge, smoothed."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        X = X.sort_values("measured_at")
        out = pd.DataFrame(index=X.index)
        out["rain_yesterday"] = X["rain_mm"].shift(1)
        out["rain_smooth"] = X["rain_mm"].rolling(5, center=True, min_periods=1).mean()
        out["snow_yesterday"] = X["snow_cm"].shift(1)
        out["doy"] = X["measured_at"].dt.dayofyear
        return out.reindex(out.index.sort_values())


def build():
    return make_pipeline(
        RiverFeatures(),
        SimpleImputer(strategy="median"),
        ExtraTreesRegressor(n_estimators=300, min_samples_leaf=3, random_state=0),
    )
