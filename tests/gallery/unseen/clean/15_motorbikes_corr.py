# kind: script
# target: sale_price
# why: Correlations are computed on the training bikes, and the test bikes only take the chosen columns over.
import numpy as np
import pandas as pd
from sklearn.linear_model import LassoCV
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

bikes = pd.read_csv("auction_bikes.csv").dropna()
bikes["age"] = 2022 - bikes["first_registration"]
bikes["power_per_kg"] = bikes["power_kw"] / bikes["weight_kg"]
numeric = bikes.select_dtypes("number").drop(columns=["lot_number"])

train, test = train_test_split(numeric, test_size=0.25, random_state=8)


def strongest(table, target, n):
    strength = table.corr()[target].abs().drop(target)
    return strength.sort_values(ascending=False).head(n).index.tolist()


chosen = strongest(train, "sale_price", 12)
print("using", chosen)

lasso = LassoCV(cv=5, max_iter=5000).fit(train[chosen], np.log(train["sale_price"]))
print("R2 test:", r2_score(np.log(test["sale_price"]), lasso.predict(test[chosen])))
