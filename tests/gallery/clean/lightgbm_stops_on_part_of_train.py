# kind: script
# target: target
# why: the stopping rows are cut from the training rows and the test rows are used once.
import lightgbm as lgb
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("santander.csv")
X = df.drop(columns=["ID_code", "target"])
y = df["target"]

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
X_fit, X_stop, y_fit, y_stop = train_test_split(X_train, y_train, test_size=0.15, random_state=1)

model = lgb.LGBMClassifier(n_estimators=5000, learning_rate=0.02, num_leaves=31)
model.fit(
    X_fit,
    y_fit,
    eval_set=[(X_stop, y_stop)],
    eval_metric="auc",
    callbacks=[lgb.early_stopping(100), lgb.log_evaluation(200)],
)

print("best iteration", model.best_iteration_)
print("AUC", roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]))
