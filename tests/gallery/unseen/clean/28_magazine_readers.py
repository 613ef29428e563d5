# kind: solution
# target: cancelled
# suspects: last_letter_code
# why: The column the workbench warned about is left out, and the others are known before the reader decides.
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

# last_letter_code is set when the cancellation is confirmed, so it stays out
NUMERIC = ["age", "issues_received", "months_subscribed", "complaints"]
CATEGORICAL = ["title", "region", "payment"]


def build():
    columns = ColumnTransformer(
        [
            ("num", "passthrough", NUMERIC),
            ("cat", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), CATEGORICAL),
        ],
        remainder="drop",
    )
    model = HistGradientBoostingClassifier(max_iter=250, learning_rate=0.07)
    return Pipeline([("columns", columns), ("model", model)])
