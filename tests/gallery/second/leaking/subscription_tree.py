# kind: solution
# target: churned
# suspects: cancel_reason, final_invoice
# leak: target-among-features
# line: 14
# why: The reason of cancelling exists only for those who have left and is one-hot encoded as a feature.
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

NUMERIC = ["tenure_months", "monthly_fee", "support_calls", "logins_30d"]
CATEGORICAL = ["plan", "country", "channel", "cancel_reason"]


def build():
    cats = Pipeline([
        ("fill", SimpleImputer(strategy="constant", fill_value="none")),
        ("onehot", OneHotEncoder(handle_unknown="ignore", min_frequency=5)),
    ])
    prep = ColumnTransformer([
        ("num", SimpleImputer(strategy="median"), NUMERIC),
        ("cat", cats, CATEGORICAL),
    ])
    forest = RandomForestClassifier(n_estimators=300, min_samples_leaf=4, n_jobs=-1, random_state=9)
    return Pipeline([("prep", prep), ("forest", forest)])
