# kind: script
# target: orders
# time: day
# leak: future-values
# line: 15
# why: the orders of the following day are used as a feature of today.
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error


def make_features(d):
    d = d.sort_values("day").copy()
    d["orders_yesterday"] = d["orders"].shift(1)
    d["orders_next"] = d["orders"].shift(-1)
    d["weekend"] = d["day"].dt.dayofweek.ge(5).astype(int)
    return d.dropna()


orders = pd.read_csv("restaurant_orders.csv", parse_dates=["day"])
table = make_features(orders)
cols = ["orders_yesterday", "orders_next", "weekend", "temp_max", "holiday"]

train, test = table.iloc[:-60], table.iloc[-60:]
model = Ridge(alpha=1.0)
model.fit(train[cols], train["orders"])
print("MAE last 60 days", mean_absolute_error(test["orders"], model.predict(test[cols])))
