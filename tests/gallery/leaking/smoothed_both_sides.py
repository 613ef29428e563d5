# kind: solution
# target: demand
# time: week
# split: time
# leak: future-values
# line: 19
# why: the smoothed price reaches three weeks into the future of each row.
import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def price_features(X):
    X = pd.DataFrame(X).sort_values(["sku", "week"])
    by_sku = X.groupby("sku")["price"]
    out = X[["price", "on_promo"]].astype(float)
    out["price_level"] = by_sku.transform(lambda s: s.rolling(7, center=True, min_periods=1).mean())
    out["price_rel"] = out["price"] / out["price_level"].replace(0, np.nan)
    out["week_no"] = X["week"].dt.isocalendar().week.astype(int)
    return out.sort_index()


def build():
    return make_pipeline(FunctionTransformer(price_features), LGBMRegressor(n_estimators=200))
