# kind: script
# target: rides_tomorrow
# time: date
# why: The last fifth of the days is the test, and every feature is known on the evening before the day asked for.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

taxi = pd.read_csv("taxi_days.csv", parse_dates=["date"]).sort_values("date")

taxi["rides_tomorrow"] = taxi["rides"].shift(-1)
taxi["lag_1"] = taxi["rides"].shift(1)
taxi["lag_6"] = taxi["rides"].shift(6)
taxi["mean_7"] = taxi["rides"].rolling(7).mean()
taxi["dow_tomorrow"] = (taxi["date"].dt.dayofweek + 1) % 7
taxi["month"] = taxi["date"].dt.month
taxi = taxi.dropna()

features = ["rides", "lag_1", "lag_6", "mean_7", "dow_tomorrow", "month", "temp", "rain"]

X_train, X_test, y_train, y_test = train_test_split(
    taxi[features], taxi["rides_tomorrow"], test_size=0.2, shuffle=False
)

rf = RandomForestRegressor(n_estimators=300, random_state=42)
rf.fit(X_train, y_train)
print("MAE", mean_absolute_error(y_test, rf.predict(X_test)))
print("MAE of same as a week ago", mean_absolute_error(y_test, X_test["lag_6"]))
