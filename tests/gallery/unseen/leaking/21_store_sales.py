# kind: script
# target: sales
# time: date
# leak: future-values
# line: 18
# why: The number of customers of the following day is used to forecast today's sales, but it is not known yet.
import lightgbm as lgb
import numpy as np
import pandas as pd

df = pd.read_csv("store_sales.csv", parse_dates=["date"])
df = df.sort_values(["store", "date"])

g = df.groupby("store")
df["sales_lag1"] = g["sales"].shift(1)
df["sales_lag7"] = g["sales"].shift(7)
df["customers_prev"] = g["customers"].shift(1)
df["customers_next"] = g["customers"].shift(-1)
df["dow"] = df["date"].dt.dayofweek
df["promo"] = df["promo"].astype(int)
df = df.dropna()

feats = ["store", "sales_lag1", "sales_lag7", "customers_prev", "customers_next", "dow", "promo"]

train = df[df["date"] < "2015-06-01"]
valid = df[df["date"] >= "2015-06-01"]

booster = lgb.LGBMRegressor(n_estimators=800, learning_rate=0.03, num_leaves=127)
booster.fit(train[feats], np.log1p(train["sales"]))

pred = np.expm1(booster.predict(valid[feats]))
rmspe = np.sqrt((((valid["sales"] - pred) / valid["sales"].clip(lower=1)) ** 2).mean())
print("RMSPE", rmspe)
