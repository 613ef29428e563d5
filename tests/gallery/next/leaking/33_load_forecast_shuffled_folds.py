# kind: solution
# target: load_mw
# time: hour_start
# split: time
# leak: shuffled-time-split
# line: 41
# why: the hyperparameters are chosen on shuffled folds of an hourly series, so each validated hour has its neighbours in training.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline


class Calendar(BaseEstimator, TransformerMixin):
    def fit(self, X, y=None):
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        t = X["hour_start"]
        return pd.DataFrame(
            {
                "hour": t.dt.hour,
                "dow": t.dt.dayofweek,
                "doy": t.dt.dayofyear,
                "temp": X["temp_forecast"],
                "load_lag_24": X["load_lag_24"],
                "load_lag_168": X["load_lag_168"],
            },
            index=X.index,
        )


def build():
    pipe = Pipeline([("cal", Calendar()), ("gbm", HistGradientBoostingRegressor(random_state=0))])
    grid = {
        "gbm__max_leaf_nodes": [15, 31, 63],
        "gbm__learning_rate": [0.03, 0.1],
        "gbm__min_samples_leaf": [20, 100],
    }
    folds = KFold(n_splits=5, shuffle=True, random_state=0)
    return GridSearchCV(pipe, grid, cv=folds, scoring="neg_mean_absolute_error", n_jobs=-1)
