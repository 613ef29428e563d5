# kind: script
# target: co2
# why: the search works on the training rows and the test rows are scored once.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, train_test_split

cars = pd.read_csv("vehicle_emissions.csv")
X = cars[["engine_size", "cylinders", "fuel_city", "fuel_hwy", "weight"]]
y = cars["co2"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

params = {"n_estimators": [100, 300], "max_depth": [6, 12, None], "min_samples_leaf": [1, 5]}
search = GridSearchCV(RandomForestRegressor(random_state=0), params, cv=5, n_jobs=-1)
search.fit(X_train, y_train)

print(search.best_params_, round(search.best_score_, 3))
print("R2 on test:", r2_score(y_test, search.predict(X_test)))
