# kind: script
# target: converted
# why: trials are judged by folds of the training rows and the test rows are touched once.
import optuna
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score, train_test_split
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
    return cross_val_score(model, X_train, y_train, cv=4, scoring="roc_auc").mean()


study = optuna.create_study(direction="maximize")
study.optimize(objective, n_trials=100)

best = XGBClassifier(**study.best_params).fit(X_train, y_train)
print("AUC on test:", roc_auc_score(y_test, best.predict_proba(X_test)[:, 1]))
