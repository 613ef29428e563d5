# kind: script
# target: cnt
# time: datetime
# leak: shuffled-time
# line: 23
# why: Hours are dealt at random to train and test, so the model sees the hours around every test hour.
import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.metrics import mean_squared_log_error
from sklearn.model_selection import train_test_split

bikes = pd.read_csv("bike_hourly.csv", parse_dates=["datetime"]).sort_values("datetime")
bikes["hour"] = bikes.datetime.dt.hour
bikes["dow"] = bikes.datetime.dt.dayofweek
bikes["month"] = bikes.datetime.dt.month
for lag in (1, 2, 24, 168):
    bikes[f"cnt_lag{lag}"] = bikes["cnt"].shift(lag)
bikes = bikes.dropna()

X = bikes[["hour", "dow", "month", "holiday"] + [c for c in bikes if c.startswith("cnt_lag")]]
y = np.log1p(bikes["cnt"])
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=42)

reg = LGBMRegressor(n_estimators=600, learning_rate=0.04).fit(X_tr, y_tr)
rmsle = mean_squared_log_error(np.expm1(y_te), np.expm1(reg.predict(X_te)).clip(0)) ** 0.5
print("how well can we forecast the next hour? RMSLE", round(rmsle, 4))
