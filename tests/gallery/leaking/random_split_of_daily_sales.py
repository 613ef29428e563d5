# kind: script
# target: sales
# time: date
# leak: shuffled-time
# line: 22
# why: days are drawn at random, so the model learns from days after the ones it is tested on.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

sales = pd.read_csv("store_sales.csv", parse_dates=["date"]).sort_values("date")
sales["dow"] = sales["date"].dt.dayofweek
sales["month"] = sales["date"].dt.month
sales["lag_7"] = sales["sales"].shift(7)
sales["lag_14"] = sales["sales"].shift(14)
sales = sales.dropna()

X = sales[["dow", "month", "promo", "lag_7", "lag_14"]]
y = sales["sales"]

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)

rf = RandomForestRegressor(n_estimators=300, random_state=42)
rf.fit(X_train, y_train)
print("MAE:", mean_absolute_error(y_test, rf.predict(X_test)))
