# kind: script
# target: price
# leak: target-in-features
# line: 21
# why: log_price is made from the target and is still among the columns of X.
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_percentage_error as mape
from sklearn.model_selection import train_test_split

df = pd.read_csv("kc_house.csv").dropna()

# the price is skewed, look at it on a log scale
df["log_price"] = np.log1p(df["price"])
print(df["log_price"].describe())

df["age"] = 2015 - df["year_built"]
df["sqft_per_room"] = df["sqft"] / df["rooms"].clip(lower=1)

X = df.drop(columns=["price", "year_built"])
y = df["price"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=12)

rf = RandomForestRegressor(n_estimators=300, n_jobs=-1, random_state=12)
rf.fit(X_train, y_train)
print(f"MAPE: {mape(y_test, rf.predict(X_test)):.3f}")
