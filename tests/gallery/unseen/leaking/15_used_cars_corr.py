# kind: script
# target: sale_price
# leak: selected-before-split
# line: 18
# why: Columns are kept by their correlation with the price over all cars, the test cars included.
import numpy as np
import pandas as pd
from sklearn.linear_model import LassoCV
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

cars = pd.read_csv("auction_cars.csv")
cars = pd.get_dummies(cars, columns=["make", "fuel", "gearbox", "body"], dtype=float)
cars = cars.dropna()


def strongest(table, target, n):
    strength = table.corr()[target].abs().drop(target)
    return strength.sort_values(ascending=False).head(n).index.tolist()


chosen = strongest(cars, "sale_price", 25)
print("using", chosen)

X_train, X_test, y_train, y_test = train_test_split(
    cars[chosen], np.log(cars["sale_price"]), test_size=0.25, random_state=8
)
lasso = LassoCV(cv=5, max_iter=5000).fit(X_train, y_train)
print("R2 test:", r2_score(y_test, lasso.predict(X_test)))
