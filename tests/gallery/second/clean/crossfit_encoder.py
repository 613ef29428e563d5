# kind: solution
# target: churned
# suspects: cancel_reason, closed_at
"""Cross-fitted mean encoding of the wide categories, boosting on top."""
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, TargetEncoder

WIDE = ["city", "referrer", "device_model"]
NARROW = ["plan", "payment"]
NUMBERS = ["age", "fee", "months", "tickets"]
KNOWN_TOO_LATE = ["cancel_reason", "closed_at"]


def forget(X):
    return X.drop(columns=[c for c in KNOWN_TOO_LATE if c in X.columns])


def build():
    encode = make_column_transformer(
        (TargetEncoder(smooth="auto", cv=5, random_state=0), WIDE),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), NARROW),
        ("passthrough", NUMBERS),
    )
    boost = HistGradientBoostingClassifier(learning_rate=0.06, max_leaf_nodes=24)
    return make_pipeline(FunctionTransformer(forget), encode, boost)
