# kind: script
# target: sold
# time: date
# why: Lags and running means end the day before, per shop, and the newest months are the test.
import lightgbm as lgb
import numpy as np
import pandas as pd

df = pd.read_csv("bakery_sales.csv", parse_dates=["date"])
df = df.sort_values(["shop", "date"])

g = df.groupby("shop")["sold"]
df["sold_lag1"] = g.shift(1)
df["sold_lag7"] = g.shift(7)
df["sold_mean28"] = g.transform(lambda s: s.shift(1).rolling(28, min_periods=7).mean())
df["customers_prev"] = df.groupby("shop")["customers"].shift(1)
df["dow"] = df["date"].dt.dayofweek
df["school_holiday"] = df["school_holiday"].astype(int)
df = df.dropna()

feats = ["shop", "sold_lag1", "sold_lag7", "sold_mean28", "customers_prev", "dow", "school_holiday"]

train = df[df["date"] < "2019-10-01"]
test = df[df["date"] >= "2019-10-01"]

booster = lgb.LGBMRegressor(n_estimators=800, learning_rate=0.03, num_leaves=63)
booster.fit(train[feats], np.log1p(train["sold"]))

pred = np.expm1(booster.predict(test[feats]))
wape = np.abs(test["sold"] - pred).sum() / test["sold"].sum()
print("WAPE", wape)
