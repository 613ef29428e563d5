# kind: script
# target: sales
# time: date
# why: the last days are the test and every feature comes from days before the one predicted.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error

sales = pd.read_csv("store_sales.csv", parse_dates=["date"]).sort_values("date")
sales["dow"] = sales["date"].dt.dayofweek
sales["month"] = sales["date"].dt.month
sales["lag_1"] = sales["sales"].shift(1)
sales["lag_7"] = sales["sales"].shift(7)
sales["mean_28"] = sales["sales"].shift(1).rolling(28).mean()
sales = sales.dropna()

cutoff = sales["date"].max() - pd.Timedelta(days=90)
train = sales[sales["date"] <= cutoff]
test = sales[sales["date"] > cutoff]

cols = ["dow", "month", "promo", "lag_1", "lag_7", "mean_28"]
rf = RandomForestRegressor(n_estimators=300, random_state=42)
rf.fit(train[cols], train["sales"])
print("MAE:", mean_absolute_error(test["sales"], rf.predict(test[cols])))
