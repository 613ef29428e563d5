# kind: script
# target: converted
# leak: tuned-on-test
# line: 25
# why: every trial is judged on the test rows and the best of a hundred is reported.
import optuna
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier

visits = pd.read_csv("web_sessions.csv")
y = visits["converted"]
X = visits[["pages", "seconds", "is_mobile", "n_returns", "cart_value"]]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=3)


def objective(trial):
    model = XGBClassifier(
        max_depth=trial.suggest_int("max_depth", 2, 10),
        learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        n_estimators=trial.suggest_int("n_estimators", 100, 800),
    )
    model.fit(X_train, y_train)
    return roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])


study = optuna.create_study(direction="maximize")
study.optimize(objective, n_trials=100)
print("AUC of the best model on test:", study.best_value, study.best_params)
