# kind: script
# target: cnt
# time: stamp
# split: time
# why: parsing and calendar parts are row-wise, the test year comes after the training years and the fills come from training rows.
from datetime import datetime

import numpy as np
import polars as pl
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.metrics import root_mean_squared_error

SPLIT = datetime(2023, 1, 1)

bikes = (
    pl.scan_csv("bike_hours.csv")
    .drop("station_name", "row_id")
    .with_columns(pl.col("stamp").str.to_datetime("%Y-%m-%d %H:%M:%S"))
    .sort("stamp")
    .with_columns(
        pl.col("stamp").dt.hour().alias("hour"),
        pl.col("stamp").dt.weekday().alias("weekday"),
        pl.col("stamp").dt.month().alias("month"),
        pl.col("cnt").shift(24).alias("cnt_yesterday"),
        pl.col("cnt").shift(24).rolling_mean(window_size=168).alias("cnt_week"),
    )
    .collect()
)

feats = ["hour", "weekday", "month", "temp", "hum", "cnt_yesterday", "cnt_week"]
train = bikes.filter(pl.col("stamp") < SPLIT)
test = bikes.filter(pl.col("stamp") >= SPLIT)

medians = train.select(pl.col(feats).median()).row(0, named=True)
fill = [pl.col(c).fill_null(medians[c]) for c in feats]
A, B = train.select(fill).to_numpy(), test.select(fill).to_numpy()

model = ExtraTreesRegressor(400, min_samples_leaf=2, n_jobs=-1, random_state=0)
model.fit(A, np.log1p(train["cnt"].to_numpy()))
guess = np.expm1(model.predict(B))
print("RMSE 2023:", root_mean_squared_error(test["cnt"].to_numpy(), guess))
