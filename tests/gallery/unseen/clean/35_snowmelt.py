# kind: solution
# target: inflow
# time: measured_at
# split: time
# why: Windows end the day before and never reach forward, the features are weather and calendar only.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline


class WeatherFeatures(TransformerMixin, BaseEstimator):
    """Weather above the reservoir up to yesterday."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        original = X.index
        X = X.sort_values("measured_at")
        rain, snow, temp = (X[c].shift(1) for c in ("rain_mm", "snow_cm", "temp_c"))
        out = pd.DataFrame(index=X.index)
        out["rain_1"] = rain
        out["rain_mean_5"] = rain.rolling(5, min_periods=1).mean()
        out["snow_change_3"] = snow.diff(3)
        out["warm_days_7"] = (temp > 5).rolling(7, min_periods=1).sum()
        out["doy"] = X["measured_at"].dt.dayofyear
        return out.reindex(original)


def build():
    return make_pipeline(
        WeatherFeatures(),
        SimpleImputer(strategy="median"),
        ExtraTreesRegressor(n_estimators=300, min_samples_leaf=3, random_state=0),
    )
