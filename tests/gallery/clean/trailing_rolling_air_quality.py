# kind: script
# target: pm25
# time: datetime
# why: the window ends one hour before the forecast hour and the split is by year.
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error

air = pd.read_csv("air_quality.csv", parse_dates=["datetime"]).sort_values("datetime")
air["hour"] = air["datetime"].dt.hour
air["month"] = air["datetime"].dt.month
air["pm_smooth"] = air["pm25"].shift(1).rolling(window=5).mean()
air["wind_prev"] = air["wind"].ffill().shift(1)
air = air.dropna(subset=["pm25", "pm_smooth"])

split_at = pd.Timestamp("2023-01-01")
past = air[air["datetime"] < split_at]
future = air[air["datetime"] >= split_at]

cols = ["hour", "month", "wind_prev", "pm_smooth"]
hgb = HistGradientBoostingRegressor().fit(past[cols], past["pm25"])
print("MAE 2023:", mean_absolute_error(future["pm25"], hgb.predict(future[cols])))
