# kind: script
# target: price
# why: New columns are made row by row from the house itself, and neither the price nor its logarithm is among them.
# ## House prices
# In[1]:
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.model_selection import KFold

# In[2]:
houses = pd.read_csv("../input/houses/houses.csv")
houses = houses[houses.living_area > 20].reset_index(drop=True)

# In[3]: feature engineering
houses["rooms_per_area"] = houses["rooms"] / houses["living_area"]
houses["plot_ratio"] = houses["living_area"] / houses["plot_area"].clip(lower=1)
houses["age"] = 2021 - houses["year_built"]
houses["log_price"] = np.log1p(houses["price"])

# In[4]:
X = houses.drop(columns=["price", "log_price", "listing_id", "address"])
X = X.select_dtypes("number")
y = houses["log_price"]

# In[5]:
rmses = []
for fold, (tr, va) in enumerate(KFold(5, shuffle=True, random_state=2021).split(X)):
    reg = xgb.XGBRegressor(n_estimators=600, learning_rate=0.03, max_depth=6, subsample=0.8)
    reg.fit(X.iloc[tr], y.iloc[tr])
    rmse = np.sqrt(np.mean((reg.predict(X.iloc[va]) - y.iloc[va]) ** 2))
    print("fold", fold, rmse)
    rmses.append(rmse)

# In[6]:
np.mean(rmses)
