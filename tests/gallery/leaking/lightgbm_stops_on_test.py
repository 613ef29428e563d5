# kind: script
# target: target
# leak: test-for-stopping
# line: 21
# why: the number of trees is chosen on the test rows that give the score.
import lightgbm as lgb
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("santander.csv")
X = df.drop(columns=["ID_code", "target"])
y = df["target"]

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

model = lgb.LGBMClassifier(n_estimators=5000, learning_rate=0.02, num_leaves=31)
model.fit(
    X_train,
    y_train,
    eval_set=[(X_test, y_test)],
    eval_metric="auc",
    callbacks=[lgb.early_stopping(100), lgb.log_evaluation(200)],
)

pred = model.predict_proba(X_test)[:, 1]
print("best iteration", model.best_iteration_)
print("AUC", roc_auc_score(y_test, pred))
