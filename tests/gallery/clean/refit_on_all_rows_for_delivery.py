# kind: script
# target: demand
# why: the score comes from cross-validation and the model for use is fitted on all rows afterwards without a score.
import joblib
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_score

bikes = pd.read_csv("data/bike_stations.csv")
bikes["rush"] = bikes["hour"].isin([7, 8, 9, 16, 17, 18]).astype(int)

X = bikes[["hour", "rush", "temp", "humidity", "windspeed", "workingday"]]
y = bikes["demand"]

reg = GradientBoostingRegressor(n_estimators=500, subsample=0.8, random_state=6)
cv = KFold(5, shuffle=True, random_state=6)
mae = -cross_val_score(reg, X, y, cv=cv, scoring="neg_mean_absolute_error")
print("cv mae", mae.mean())

reg.fit(X, y)
joblib.dump(reg, "demand_model.joblib")
print("saved, trained on", len(X), "rows")
