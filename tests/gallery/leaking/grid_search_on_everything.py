# kind: script
# target: co2
# leak: tuned-on-test
# line: 17
# why: the search sees all rows, so the settings were chosen with the test rows among them.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, train_test_split

cars = pd.read_csv("vehicle_emissions.csv")
X = cars[["engine_size", "cylinders", "fuel_city", "fuel_hwy", "weight"]]
y = cars["co2"]

params = {"n_estimators": [100, 300], "max_depth": [6, 12, None], "min_samples_leaf": [1, 5]}
search = GridSearchCV(RandomForestRegressor(random_state=0), params, cv=5, n_jobs=-1)
search.fit(X, y)
print(search.best_params_)

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
final = RandomForestRegressor(**search.best_params_, random_state=0)
final.fit(X_train, y_train)
print("R2 on test:", r2_score(y_test, final.predict(X_test)))
