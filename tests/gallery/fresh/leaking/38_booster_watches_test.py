# kind: script
# target: fare
# leak: chosen-on-test
# line: 28
# why: the number of trees is stopped at the best error on the rows whose error is then reported.
import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

PARAMS = {"objective": "regression", "metric": "rmse", "learning_rate": 0.05, "num_leaves": 31, "verbose": -1}


def boost(params, A, b, watch, patience=40):
    dtrain = lgb.Dataset(A, label=b)
    dwatch = lgb.Dataset(watch[0], label=watch[1], reference=dtrain)
    return lgb.train(
        params, dtrain, num_boost_round=3000, valid_sets=[dwatch],
        callbacks=[lgb.early_stopping(patience, verbose=False)],
    )


taxi = pd.read_csv("taxi_sample.csv")
taxi = taxi[(taxi["fare"] > 0) & (taxi["passengers"] < 7)]
cols = ["distance", "passengers", "hour", "tolls"]
X_train, X_test, y_train, y_test = train_test_split(taxi[cols], taxi["fare"], test_size=0.1, random_state=77)

booster = boost(PARAMS, X_train, y_train, watch=(X_test, y_test))
pred = booster.predict(X_test, num_iteration=booster.best_iteration)
print("test rmse:", float(np.sqrt(np.mean((pred - y_test.to_numpy()) ** 2))))
