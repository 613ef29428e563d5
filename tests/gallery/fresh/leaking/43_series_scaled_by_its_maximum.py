# kind: script
# target: gas_demand
# time: day
# split: time
# leak: outside-fold
# line: 19
# why: minimum and range come from the whole series, the later test part too.
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge


def squash(df, cols):
    lo, hi = df[cols].min(), df[cols].max()
    return (df[cols] - lo) / (hi - lo)


gas = pd.read_csv("gas.csv", parse_dates=["day"]).set_index("day").sort_index()
scaled = squash(gas, ["gas_demand", "temp"])

table = pd.DataFrame({
    "yesterday": scaled["gas_demand"].shift(1),
    "week_ago": scaled["gas_demand"].shift(7),
    "temp_yesterday": scaled["temp"].shift(1),
    "weekend": (scaled.index.dayofweek >= 5).astype(float),
    "today": scaled["gas_demand"],
}).dropna()

cut = int(len(table) * 0.8)
past, future = table.iloc[:cut], table.iloc[cut:]
inputs = ["yesterday", "week_ago", "temp_yesterday", "weekend"]

ridge = Ridge(alpha=0.1).fit(past[inputs], past["today"])
error = np.abs(ridge.predict(future[inputs]) - future["today"])
print("scaled MAE of the last fifth:", error.mean())
