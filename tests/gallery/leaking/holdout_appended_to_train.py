# kind: script
# target: demand
# leak: reads-holdout
# line: 14
# why: the rows of the holdout, with their answers, are added to the training rows.
import glob

import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

parts = [pd.read_csv(p) for p in sorted(glob.glob("data/train_part_*.csv"))]
parts.append(pd.read_csv("data/holdout.csv"))
bikes = pd.concat(parts, ignore_index=True)

bikes["rush"] = bikes["hour"].isin([7, 8, 9, 16, 17, 18]).astype(int)
X = bikes[["hour", "rush", "temp", "humidity", "windspeed", "workingday"]]
y = bikes["demand"]

X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.1, random_state=6)
reg = GradientBoostingRegressor(n_estimators=500, subsample=0.8).fit(X_tr, y_tr)
print("valid mae", mean_absolute_error(y_va, reg.predict(X_va)))
