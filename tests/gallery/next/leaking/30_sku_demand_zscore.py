# kind: script
# target: units
# time: week
# split: time
# leak: future-values
# line: 25
# why: each week is centred and scaled with the mean and deviation of its whole series, weeks of the later test folds included.
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import TimeSeriesSplit

df = (
    pd.read_csv("weekly_demand.csv", parse_dates=["week"])
    .sort_values(["week", "sku"])
    .reset_index(drop=True)
)


def per_sku_z(s):
    return (s - s.mean()) / s.std()


df["units_z"] = df.groupby("sku")["units"].transform(per_sku_z)
for lag in (1, 2, 4, 8):
    df[f"z_lag{lag}"] = df.groupby("sku")["units_z"].shift(lag)
df["woy"] = df["week"].dt.isocalendar().week.astype(int)
df = df.dropna().reset_index(drop=True)

features = ["z_lag1", "z_lag2", "z_lag4", "z_lag8", "woy", "on_promo"]
weeks = np.sort(df["week"].unique())
maes = []
for past, future in TimeSeriesSplit(n_splits=6).split(weeks):
    tr = df[df["week"].isin(weeks[past])]
    te = df[df["week"].isin(weeks[future])]
    rf = RandomForestRegressor(300, min_samples_leaf=5, n_jobs=-1, random_state=0)
    rf.fit(tr[features], tr["units_z"])
    maes.append(mean_absolute_error(te["units_z"], rf.predict(te[features])))
    print(f"until {weeks[past][-1]}: {maes[-1]:.3f}")
print("mean", np.mean(maes))
