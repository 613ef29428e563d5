# kind: script
# target: rentals_tomorrow
# time: date
# leak: shuffled-time
# line: 24
# why: Days are dealt at random into training and test, so the model is trained on days after those it forecasts.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

bikes = pd.read_csv("bike_days.csv", parse_dates=["date"]).sort_values("date")

bikes["rentals_tomorrow"] = bikes["rentals"].shift(-1)
bikes["lag_1"] = bikes["rentals"].shift(1)
bikes["lag_7"] = bikes["rentals"].shift(7)
bikes["mean_7"] = bikes["rentals"].rolling(7).mean()
bikes["dow"] = bikes["date"].dt.dayofweek
bikes["month"] = bikes["date"].dt.month
bikes = bikes.dropna()

features = ["rentals", "lag_1", "lag_7", "mean_7", "dow", "month", "temp", "humidity", "windspeed"]

X_train, X_test, y_train, y_test = train_test_split(
    bikes[features], bikes["rentals_tomorrow"], test_size=0.2, random_state=42
)

rf = RandomForestRegressor(n_estimators=300, random_state=42)
rf.fit(X_train, y_train)
print("MAE", mean_absolute_error(y_test, rf.predict(X_test)))
