# kind: solution
# target: churned
# suspects: cancel_reason
# leak: target-among-features
# line: 14
# why: the reason for cancelling is only filled in after the customer has left.
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMERIC = ["tenure", "monthly_charges", "support_calls"]
CATEGORICAL = ["contract", "cancel_reason", "payment_method"]


def build():
    numeric = Pipeline([
        ("fill", SimpleImputer(strategy="median")),
        ("scale", StandardScaler()),
    ])
    categorical = Pipeline([
        ("fill", SimpleImputer(strategy="constant", fill_value="missing")),
        ("onehot", OneHotEncoder(handle_unknown="ignore")),
    ])
    prepare = ColumnTransformer([
        ("num", numeric, NUMERIC),
        ("cat", categorical, CATEGORICAL),
    ])
    return Pipeline([("prepare", prepare), ("model", LogisticRegression(max_iter=1000))])
