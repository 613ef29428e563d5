# kind: script
# target: is_claim
# leak: tuned-on-test
# line: 39
# why: boosting stops at the round that is best on the test part, and the AUC of that same part is reported.
import lightgbm as lgb
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

policies = pd.read_feather("policies.feather")
cat_cols = policies.select_dtypes(include=["object"]).columns.tolist()
policies[cat_cols] = policies[cat_cols].astype("category")

y = policies.pop("is_claim")
policies = policies.drop(columns=["policy_id"])

X_train, X_test, y_train, y_test = train_test_split(
    policies, y, test_size=0.2, stratify=y, random_state=99
)

params = dict(
    objective="binary",
    metric="auc",
    learning_rate=0.02,
    num_leaves=31,
    feature_fraction=0.7,
    bagging_fraction=0.8,
    bagging_freq=1,
    verbosity=-1,
)
dtrain = lgb.Dataset(X_train, y_train, categorical_feature=cat_cols)
dtest = lgb.Dataset(X_test, y_test, reference=dtrain)

bst = lgb.train(
    params,
    dtrain,
    num_boost_round=5000,
    valid_sets=[dtest],
    callbacks=[lgb.early_stopping(100), lgb.log_evaluation(200)],
)

proba = bst.predict(X_test, num_iteration=bst.best_iteration)
print(f"Test AUC: {roc_auc_score(y_test, proba):.5f} at round {bst.best_iteration}")
