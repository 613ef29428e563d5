# kind: script
# target: cancelled
# leak: tuned-on-test
# line: 31
# why: Sixty trials are compared on the test rows, and the best trial is then scored on them again.
import lightgbm as lgb
import optuna
import pandas as pd
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

data = pd.read_parquet("subscriptions.parquet")
y = data.pop("cancelled")
X = data.drop(columns=["account"]).select_dtypes("number")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=31, stratify=y)


def fit(params):
    model = lgb.LGBMClassifier(verbosity=-1, n_estimators=300, **params)
    return model.fit(X_train, y_train)


def objective(trial):
    params = {
        "num_leaves": trial.suggest_int("num_leaves", 8, 256, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.3, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 5, 100),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-3, 10.0, log=True),
    }
    model = fit(params)
    return average_precision_score(y_test, model.predict_proba(X_test)[:, 1])


study = optuna.create_study(direction="maximize")
study.optimize(objective, n_trials=60)
winner = fit(study.best_params)
print("average precision:", average_precision_score(y_test, winner.predict_proba(X_test)[:, 1]))
