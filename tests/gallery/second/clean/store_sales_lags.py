# kind: script
# target: sales
# time: date
# split: time
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.metrics import mean_absolute_error as mae

sales = pd.read_csv("sales.csv", parse_dates=["date"]).sort_values(["store", "date"])
per_store = sales.groupby("store")["sales"]

sales["lag_1"] = per_store.shift(1)
sales["lag_7"] = per_store.shift(7)
sales["mean_28"] = per_store.transform(lambda s: s.shift(1).rolling(28, min_periods=7).mean())
sales["dow"] = sales["date"].dt.dayofweek
sales["week"] = sales["date"].dt.isocalendar().week.astype(int)
sales = sales.dropna(subset=["lag_7", "mean_28"])

feats = ["lag_1", "lag_7", "mean_28", "dow", "week"]
valid_from, test_from = pd.Timestamp("2017-05-01"), pd.Timestamp("2017-07-01")
train = sales[sales["date"] < valid_from]
valid = sales[sales["date"].between(valid_from, test_from, inclusive="left")]
test = sales[sales["date"] >= test_from]

scores = {}
for leaves in (15, 31, 63):
    m = LGBMRegressor(n_estimators=300, num_leaves=leaves, verbose=-1).fit(train[feats], train["sales"])
    scores[leaves] = mae(valid["sales"], m.predict(valid[feats]))
best = min(scores, key=scores.get)

known = pd.concat([train, valid])
final = LGBMRegressor(n_estimators=300, num_leaves=best, verbose=-1).fit(known[feats], known["sales"])
print("leaves", best, "test MAE", mae(test["sales"], final.predict(test[feats])))
