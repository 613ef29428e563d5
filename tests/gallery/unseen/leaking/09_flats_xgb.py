# kind: script
# target: price
# leak: target-among-features
# line: 19
# why: The price per square metre is made from the price and is then used to predict it.
# ## Flat prices in the city
# In[1]:
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.model_selection import KFold

# In[2]:
flats = pd.read_csv("../input/flats/flats.csv")
flats = flats[(flats.price > 10_000) & (flats.area > 8)].reset_index(drop=True)

# In[3]: feature engineering
flats["rooms_per_area"] = flats["rooms"] / flats["area"]
flats["price_per_sqm"] = flats["price"] / flats["area"]
flats["is_ground"] = (flats["floor"] == 0).astype(int)
flats["age"] = 2021 - flats["year_built"]

# In[4]:
features = ["area", "rooms", "floor", "rooms_per_area", "price_per_sqm", "is_ground", "age", "lat", "lon"]
X, y = flats[features], np.log1p(flats["price"])

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
