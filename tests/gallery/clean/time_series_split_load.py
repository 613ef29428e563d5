# kind: script
# target: load_mw
# time: timestamp
# split: time
# why: each fold is trained on the past only and the lags look back at least a day.
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.model_selection import TimeSeriesSplit, cross_val_score

grid = pd.read_csv("grid_load.csv", parse_dates=["timestamp"], index_col="timestamp")
grid = grid.sort_index()

grid["hour"] = grid.index.hour
grid["weekday"] = grid.index.weekday
for h in (24, 48, 168):
    grid[f"load_lag_{h}"] = grid["load_mw"].shift(h)
grid["roll_24"] = grid["load_mw"].shift(24).rolling(24).mean()
grid = grid.dropna()

X = grid.drop(columns="load_mw")
y = grid["load_mw"]

tscv = TimeSeriesSplit(n_splits=5, gap=24)
lgbm = LGBMRegressor(n_estimators=600, learning_rate=0.03)
mae = -cross_val_score(lgbm, X, y, cv=tscv, scoring="neg_mean_absolute_error")
print("MAE per fold", mae.round(1), "mean", mae.mean().round(1))
