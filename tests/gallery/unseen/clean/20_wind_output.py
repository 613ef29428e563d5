# kind: script
# target: output_mw
# time: hour_start
# why: Each fold trains on the hours before its test hours with a day between, and lags are a day old at least.
"""Forecast of the output of a wind farm one day ahead."""
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import TimeSeriesSplit


def features(frame):
    out = pd.DataFrame(index=frame.index)
    out["hour"] = frame["hour_start"].dt.hour
    out["day"] = frame["hour_start"].dt.dayofyear
    for lag in (24, 25, 48, 168):
        out[f"lag_{lag}"] = frame["output_mw"].shift(lag)
    out["week_mean"] = frame["output_mw"].shift(24).rolling(168).mean()
    out["wind_forecast"] = frame["wind_forecast"]
    return out


def evaluate(path="wind_farm.csv"):
    frame = pd.read_csv(path, parse_dates=["hour_start"]).sort_values("hour_start").reset_index(drop=True)
    x, y = features(frame), frame["output_mw"]
    keep = x.notna().all(axis=1)
    x, y = x[keep], y[keep]
    losses = []
    for past, future in TimeSeriesSplit(n_splits=6, gap=24).split(x):
        model = HistGradientBoostingRegressor(max_iter=300, learning_rate=0.06)
        model.fit(x.iloc[past], y.iloc[past])
        losses.append(np.abs(model.predict(x.iloc[future]) - y.iloc[future]).mean())
    return losses


if __name__ == "__main__":
    result = evaluate()
    print("MAE by fold:", [round(v, 2) for v in result], "mean:", round(float(np.mean(result)), 2))
