# kind: solution
# target: returned
# leak: target-in-features
# line: 15
# why: a refund and a restocking fee exist only after the order has come back.
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

GROUPS = {
    "basket": ["order_value", "items", "promo_share"],
    "logistics": ["delivery_days"],
    "money": ["refund_amount", "restocking_fee"],
    "context": ["country", "channel"],
}


def columns(*names):
    return [c for n in names for c in GROUPS[n]]


def build():
    numbers = Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    prep = ColumnTransformer([
        ("num", numbers, columns("basket", "logistics", "money")),
        ("cat", OneHotEncoder(handle_unknown="ignore"), columns("context")),
    ])
    return Pipeline([("prep", prep), ("clf", LogisticRegression(max_iter=1000))])
