# kind: script
# target: spend_next
# time: month
# why: the shift by minus one makes the target, which is the aim, and no feature looks ahead.
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_absolute_error

m = pd.read_csv("card_spend.csv", parse_dates=["month"]).sort_values(["client", "month"])
by_client = m.groupby("client")["spend"]

m["spend_next"] = by_client.shift(-1)
m["spend_prev"] = by_client.shift(1)
m["spend_diff"] = m["spend"] - m["spend_prev"]
m = m.dropna(subset=["spend_next", "spend_prev"])

last = m["month"].max()
previous = last - pd.DateOffset(months=1)
train = m[m["month"] < previous]
test = m[m["month"] == last]

cols = ["spend", "spend_prev", "spend_diff", "limit"]
gbr = GradientBoostingRegressor().fit(train[cols], train["spend_next"])
print("MAE", mean_absolute_error(test["spend_next"], gbr.predict(test[cols])))
