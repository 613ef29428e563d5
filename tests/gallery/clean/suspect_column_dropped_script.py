# kind: script
# target: churned
# suspects: cancel_reason, refund_amount
# why: the columns known only after the customer has left are taken out first.
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

AFTER_THE_FACT = ["cancel_reason", "refund_amount"]

data = pd.read_csv("saas_accounts.csv").drop(columns=AFTER_THE_FACT + ["account_id"])
y = data.pop("churned")

cats = data.select_dtypes("object").columns
data[cats] = data[cats].fillna("none")
data = data.fillna(0)

pre = ColumnTransformer(
    [("cat", OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include=object))],
    remainder="passthrough",
)
pipe = Pipeline([("pre", pre), ("rf", RandomForestClassifier(200, random_state=1))])
res = cross_validate(pipe, data, y, cv=5, scoring=["roc_auc", "f1"])
print({k: v.mean().round(3) for k, v in res.items() if k.startswith("test")})
