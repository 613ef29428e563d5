# kind: script
# target: price
# why: every new column is made of values of its own row and the price is not among them.
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_score

CENTER = (52.5200, 13.4050)


def engineer(d):
    d = d.copy()
    d["rooms_per_area"] = d["rooms"] / d["area"]
    d["age"] = 2024 - d["built"]
    d["log_area"] = np.log(d["area"])
    d["dist_center"] = np.hypot(d["lat"] - CENTER[0], d["lon"] - CENTER[1])
    d["top_floor"] = (d["floor"] == d["floors_total"]).astype(int)
    return d


flats = pd.read_csv("flats_berlin.csv", sep=";", decimal=",").query("area > 10")
flats = engineer(flats)
y = flats["price"]
X = flats[["log_area", "rooms", "rooms_per_area", "age", "dist_center", "top_floor"]]

cv = KFold(n_splits=5, shuffle=True, random_state=4)
model = HistGradientBoostingRegressor(max_iter=400, learning_rate=0.06)
scores = cross_val_score(model, X, y, cv=cv, scoring="neg_mean_absolute_error")
print("MAE %.0f +- %.0f" % (-scores.mean(), scores.std()))
