# kind: script
# target: churned
# suspects: cancel_reason, refund_amount
# leak: target-among-features
# line: 14
# why: a reason for cancelling exists only for customers who have already left.
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

CATEGORICAL = ["plan", "country", "payment_method", "cancel_reason"]
NUMERIC = ["tenure_months", "seats", "logins_30d"]

data = pd.read_csv("saas_accounts.csv")
data[CATEGORICAL] = data[CATEGORICAL].fillna("none")
data[NUMERIC] = data[NUMERIC].fillna(0)

pre = ColumnTransformer([
    ("cat", OneHotEncoder(handle_unknown="ignore"), CATEGORICAL),
    ("num", "passthrough", NUMERIC),
])
pipe = Pipeline([("pre", pre), ("rf", RandomForestClassifier(200, random_state=1))])

res = cross_validate(pipe, data, data["churned"], cv=5, scoring=["roc_auc", "f1"])
print({k: v.mean().round(3) for k, v in res.items() if k.startswith("test")})
