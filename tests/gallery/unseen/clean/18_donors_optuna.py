# kind: script
# target: donated
# why: Trials are compared by cross-validation in the training rows, and the test rows score the winner once.
import lightgbm as lgb
import optuna
import pandas as pd
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_score, train_test_split

data = pd.read_parquet("donors.parquet")
y = data.pop("donated")
X = data.drop(columns=["donor_id"]).select_dtypes("number")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=31, stratify=y)


def make(params):
    return lgb.LGBMClassifier(verbosity=-1, n_estimators=300, **params)


def objective(trial):
    params = {
        "num_leaves": trial.suggest_int("num_leaves", 8, 256, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.3, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 5, 100),
    }
    return cross_val_score(make(params), X_train, y_train, cv=5, scoring="average_precision").mean()


study = optuna.create_study(direction="maximize")
study.optimize(objective, n_trials=60)
print("inner score:", study.best_value)
winner = make(study.best_params).fit(X_train, y_train)
print("average precision:", average_precision_score(y_test, winner.predict_proba(X_test)[:, 1]))
