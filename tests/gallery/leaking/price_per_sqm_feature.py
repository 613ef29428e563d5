# kind: script
# target: price
# leak: target-among-features
# line: 16
# why: the price per square metre is the price itself divided by a feature.
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_score

flats = pd.read_csv("flats_berlin.csv", sep=";", decimal=",")
flats = flats[flats["area"] > 10]

# feature engineering
flats["rooms_per_area"] = flats["rooms"] / flats["area"]
flats["price_sqm"] = flats["price"] / flats["area"]
flats["age"] = 2024 - flats["built"]
flats["log_area"] = np.log(flats["area"])

X = flats[["log_area", "rooms", "rooms_per_area", "price_sqm", "age", "floor"]]
y = flats["price"]

cv = KFold(n_splits=5, shuffle=True, random_state=4)
model = HistGradientBoostingRegressor(max_iter=400, learning_rate=0.06)
scores = cross_val_score(model, X, y, cv=cv, scoring="neg_mean_absolute_error")
print("MAE %.0f +- %.0f" % (-scores.mean(), scores.std()))
