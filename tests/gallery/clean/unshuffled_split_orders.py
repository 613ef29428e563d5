# kind: script
# target: orders
# time: day
# why: the split keeps the order of the days and the lags use yesterday and last week.
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def make_features(d):
    d = d.sort_values("day").copy()
    d["orders_yesterday"] = d["orders"].shift(1)
    d["orders_last_week"] = d["orders"].shift(7)
    d["weekend"] = d["day"].dt.dayofweek.ge(5).astype(int)
    return d.dropna()


table = make_features(pd.read_csv("restaurant_orders.csv", parse_dates=["day"]))
cols = ["orders_yesterday", "orders_last_week", "weekend", "holiday"]

train, test = train_test_split(table, test_size=60, shuffle=False)
model = make_pipeline(StandardScaler(), Ridge(alpha=1.0)).fit(train[cols], train["orders"])
print("MAE last 60 days", mean_absolute_error(test["orders"], model.predict(test[cols])))
print("naive", mean_absolute_error(test["orders"], test["orders_last_week"]))
