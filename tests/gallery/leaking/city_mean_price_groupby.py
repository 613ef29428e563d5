# kind: script
# target: rent
# leak: target-encoding
# line: 14
# why: the mean rent of each district is taken over all rows, also those that are tested.
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_percentage_error
from sklearn.model_selection import train_test_split

ads = pd.read_csv("rent_listings.csv")
ads = ads.dropna(subset=["rent", "sqm"])

ads["district_rent"] = ads.groupby("district")["rent"].transform("mean")
ads["has_balcony"] = ads["balcony"].eq("yes").astype(int)

cols = ["sqm", "rooms", "has_balcony", "district_rent"]
X_train, X_test, y_train, y_test = train_test_split(ads[cols], ads["rent"], random_state=8)

ols = LinearRegression()
ols.fit(X_train, y_train)
print(dict(zip(cols, ols.coef_.round(2))))
print("MAPE", mean_absolute_percentage_error(y_test, ols.predict(X_test)))
