# kind: script
# target: rent
# why: the district means are taken over the training listings and looked up for the test listings.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_percentage_error
from sklearn.model_selection import KFold, train_test_split

ads = pd.read_csv("rent_listings.csv").dropna(subset=["rent", "sqm"])
train, test = train_test_split(ads, random_state=8)
train, test = train.copy(), test.copy()

# own rent never goes into the value of a training row
train["district_rent"] = 0.0
col = train.columns.get_loc("district_rent")
for rest, part in KFold(5, shuffle=True, random_state=8).split(train):
    fold_means = train.iloc[rest].groupby("district")["rent"].mean()
    filled = train.iloc[part]["district"].map(fold_means)
    train.iloc[part, col] = filled.fillna(train.iloc[rest]["rent"].mean())

means = train.groupby("district")["rent"].mean()
test["district_rent"] = test["district"].map(means).fillna(train["rent"].mean())

cols = ["sqm", "rooms", "district_rent"]
rf = RandomForestRegressor(300, random_state=8).fit(train[cols], train["rent"])
print("MAPE", mean_absolute_percentage_error(test["rent"], rf.predict(test[cols])))
