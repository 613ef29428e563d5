# kind: script
# target: is_claim
# why: boosting stops on the validation part, the model is then refitted on both parts, and the test part is only scored.
import lightgbm as lgb
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

policies = pd.read_feather("policies.feather").drop(columns=["policy_id"])
y = policies.pop("is_claim")
X = policies.select_dtypes("number")

X_dev, X_test, y_dev, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=99)
X_train, X_valid, y_train, y_valid = train_test_split(
    X_dev, y_dev, test_size=0.2, stratify=y_dev, random_state=100
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
    seed=1,
)
dtrain = lgb.Dataset(X_train, y_train)
dvalid = lgb.Dataset(X_valid, y_valid, reference=dtrain)
probe = lgb.train(
    params,
    dtrain,
    num_boost_round=5000,
    valid_sets=[dvalid],
    callbacks=[lgb.early_stopping(100), lgb.log_evaluation(200)],
)

final = lgb.train(params, lgb.Dataset(X_dev, y_dev), num_boost_round=probe.best_iteration)
proba = final.predict(X_test)
print(f"rounds {probe.best_iteration}, test AUC {roc_auc_score(y_test, proba):.5f}")
