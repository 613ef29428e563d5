# kind: script
# target: spend
# time: day
# split: time
# why: the history of a customer is shifted before it is averaged, and training ends before the test period starts.
import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_absolute_error

CUT = pd.Timestamp("2023-07-01")

tx = pd.read_csv("daily_spend.csv", parse_dates=["day"])
tx = tx.sort_values(["customer", "day"]).reset_index(drop=True)

past = tx.groupby("customer")["spend"]
tx["prev"] = past.shift(1)
tx["mean_so_far"] = past.transform(lambda s: s.shift(1).expanding().mean())
tx["max_30"] = past.transform(lambda s: s.shift(1).rolling(30, min_periods=3).max())
tx["n_so_far"] = tx.groupby("customer").cumcount()
tx["gap"] = tx.groupby("customer")["day"].diff().dt.days
tx["dow"] = tx["day"].dt.dayofweek

cols = ["prev", "mean_so_far", "max_30", "n_so_far", "gap", "dow"]
train = tx[tx["day"] < CUT].copy()
test = tx[tx["day"] >= CUT].copy()

fill = train[cols].median()
model = GradientBoostingRegressor(n_estimators=300, max_depth=3, loss="absolute_error")
model.fit(train[cols].fillna(fill), train["spend"])

pred = model.predict(test[cols].fillna(fill))
naive = test["prev"].fillna(train["spend"].median())
print("model", np.round(mean_absolute_error(test["spend"], pred), 3))
print("naive", np.round(mean_absolute_error(test["spend"], naive), 3))
