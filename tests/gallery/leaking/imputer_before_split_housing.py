# kind: script
# target: median_house_value
# leak: fit-before-split
# line: 20
# why: the medians that fill the gaps are computed with the test rows included.
# %%
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

housing = pd.read_csv("housing.csv")
housing.info()

# %%
num_cols = ["total_rooms", "total_bedrooms", "population", "households", "median_income"]
imp = SimpleImputer(strategy="median")
housing[num_cols] = imp.fit_transform(housing[num_cols])

# %%
features = housing[num_cols + ["latitude", "longitude"]]
target = housing["median_house_value"]
X_tr, X_te, y_tr, y_te = train_test_split(features, target, test_size=0.25, random_state=1)

# %%
forest = RandomForestRegressor(n_estimators=200, n_jobs=-1, random_state=1)
forest.fit(X_tr, y_tr)
rmse = np.sqrt(mean_squared_error(y_te, forest.predict(X_te)))
print("RMSE", round(rmse, 1))
