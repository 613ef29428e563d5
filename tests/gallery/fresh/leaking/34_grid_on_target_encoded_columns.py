# kind: script
# target: sale_price
# leak: target-encoding
# line: 18
# why: the encoder saw the prices of all training rows, the folds of the search score rows whose own price is in their columns.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.preprocessing import TargetEncoder

cars = pd.read_csv("used_cars.csv")
cats = ["brand", "model", "fuel"]

X_train, X_test, y_train, y_test = train_test_split(
    cars.drop(columns="sale_price"), cars["sale_price"], test_size=0.2, random_state=5
)

encoder = TargetEncoder(smooth="auto").fit(X_train[cats], y_train)


def encode(frame):
    out = frame[["km"]].copy()
    out[cats] = encoder.transform(frame[cats])
    return out


grid = GridSearchCV(
    RandomForestRegressor(n_estimators=50, random_state=0),
    {"max_depth": [4, 8, None], "min_samples_leaf": [1, 5]},
    cv=5,
    scoring="r2",
)
grid.fit(encode(X_train), y_train)
print("cv r2:", grid.best_score_)
print("test r2:", grid.score(encode(X_test), y_test))
