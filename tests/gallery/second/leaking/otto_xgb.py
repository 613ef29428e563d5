# kind: script
# target: target
# leak: test-for-stopping
# line: 29
# why: The number of trees is chosen by the loss on the very rows whose score is reported.
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

df = pd.read_csv("train.csv").drop("id", axis=1)
y = df["target"].str.replace("Class_", "").astype(int) - 1
X = df.drop("target", axis=1)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=2015)

dtrain = xgb.DMatrix(X_train, label=y_train)
dtest = xgb.DMatrix(X_test, label=y_test)
params = {
    "objective": "multi:softprob",
    "num_class": y.nunique(),
    "eta": 0.08,
    "max_depth": 8,
    "subsample": 0.8,
    "eval_metric": "mlogloss",
}
booster = xgb.train(
    params, dtrain, num_boost_round=3000,
    evals=[(dtrain, "train"), (dtest, "test")], early_stopping_rounds=50, verbose_eval=100,
)
proba = booster.predict(dtest, iteration_range=(0, booster.best_iteration + 1))
print("Test logloss:", log_loss(y_test, proba), "accuracy:", np.mean(proba.argmax(1) == y_test))
