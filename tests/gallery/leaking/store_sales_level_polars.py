# kind: solution
# target: units
# leak: target-encoding
# line: 12
# why: the mean units per store are read from the complete table with the rows to be predicted.
import polars as pl
from lightgbm import LGBMRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

LEVEL = dict(
    pl.read_csv("stores.csv").group_by("store_id").agg(pl.col("units").mean()).iter_rows()
)


def add_level(X):
    X = X[["store_id", "price", "promo", "dow"]].copy()
    X["level"] = X["store_id"].map(LEVEL)
    return X.drop(columns="store_id")


def build():
    return make_pipeline(FunctionTransformer(add_level), LGBMRegressor(n_estimators=300))
