# kind: script
# target: trip_duration
# leak: test-for-stopping
# line: 22
# why: boosting stops where the error on the test trips is smallest.
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

trips = pd.read_csv("taxi_trips.csv")
trips["log_dur"] = np.log1p(trips["trip_duration"])
cols = ["distance_km", "hour", "passenger_count", "vendor_id"]

tr, te = train_test_split(trips, test_size=0.2, random_state=77)
dtrain = xgb.DMatrix(tr[cols], label=tr["log_dur"])
dtest = xgb.DMatrix(te[cols], label=te["log_dur"])

params = {"objective": "reg:squarederror", "eta": 0.05, "max_depth": 8, "subsample": 0.8}
booster = xgb.train(
    params, dtrain, num_boost_round=3000, evals=[(dtest, "eval")], early_stopping_rounds=50
)

p = booster.predict(dtest, iteration_range=(0, booster.best_iteration + 1))
print("RMSLE", np.sqrt(mean_squared_error(te["log_dur"], p)))
