# kind: script
# target: trip_duration
# why: boosting stops by a slice of the training trips, the test trips give only the last number.
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

trips = pd.read_csv("taxi_trips.csv")
trips["log_dur"] = np.log1p(trips["trip_duration"])
cols = ["distance_km", "hour", "passenger_count", "vendor_id"]

rest, te = train_test_split(trips, test_size=0.2, random_state=77)
tr, va = train_test_split(rest, test_size=0.2, random_state=78)
dtrain, dvalid, dtest = (xgb.DMatrix(p[cols], label=p["log_dur"]) for p in (tr, va, te))

params = {"objective": "reg:squarederror", "eta": 0.05, "max_depth": 8, "subsample": 0.8}
booster = xgb.train(
    params, dtrain, num_boost_round=3000, evals=[(dvalid, "valid")], early_stopping_rounds=50
)

p = booster.predict(dtest, iteration_range=(0, booster.best_iteration + 1))
print("RMSLE", np.sqrt(mean_squared_error(te["log_dur"], p)))
