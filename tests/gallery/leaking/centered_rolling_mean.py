# kind: script
# target: pm25
# time: datetime
# leak: future-values
# line: 14
# why: the centred window averages the hours after the one that is forecast, and that hour too.
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error

air = pd.read_csv("air_quality.csv", parse_dates=["datetime"]).sort_values("datetime")
air["hour"] = air["datetime"].dt.hour
air["month"] = air["datetime"].dt.month
air["pm_smooth"] = air["pm25"].rolling(window=5, center=True).mean()
air = air.dropna()

split_at = pd.Timestamp("2023-01-01")
past = air[air["datetime"] < split_at]
future = air[air["datetime"] >= split_at]

cols = ["hour", "month", "temp", "wind", "pressure", "pm_smooth"]
hgb = HistGradientBoostingRegressor().fit(past[cols], past["pm25"])
print("MAE 2023:", mean_absolute_error(future["pm25"], hgb.predict(future[cols])))
