# kind: script
# target: sale_price
# why: a logarithm looks at one value only, so it may be taken before the split.
import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

homes = pd.read_csv("ames.csv")
areas = ["lot_area", "gr_liv_area", "total_bsmt_sf", "garage_area"]
homes[areas] = np.log1p(homes[areas].fillna(0))
homes["log_price"] = np.log(homes["sale_price"])
homes["age"] = homes["year_sold"] - homes["year_built"]

X = homes[areas + ["age", "overall_qual"]]
y = homes["log_price"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=5)

model = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-2, 3, 20)))
model.fit(X_train, y_train)
rmse = np.sqrt(mean_squared_error(y_test, model.predict(X_test)))
print("RMSE (log):", round(rmse, 4))
