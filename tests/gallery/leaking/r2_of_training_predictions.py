# kind: script
# target: yield_t
# leak: train-score
# line: 19
# why: the fit of the training rows is reported as the quality of the model.
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_squared_error, r2_score

fields = pd.read_csv("crop_yield.csv")
fields = pd.get_dummies(fields, columns=["crop", "soil"])
target = fields.pop("yield_t")

forest = RandomForestRegressor(n_estimators=500, random_state=2)
forest.fit(fields, target)
fitted = forest.predict(fields)

print("R2   :", r2_score(target, fitted))
print("RMSE :", np.sqrt(mean_squared_error(target, fitted)))

weights = pd.Series(forest.feature_importances_, fields.columns)
print(weights.nlargest(8))
