# kind: solution
# target: left_club
# suspects: exit_survey_score
# leak: target-among-features
# line: 16
# why: Only members who leave fill in the exit survey, so its score gives the answer away.
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

NUMERIC = [
    "age",
    "visits_last_month",
    "months_member",
    "exit_survey_score",
    "courses_booked",
]
CATEGORICAL = ["tariff", "studio", "payment"]


def build():
    columns = ColumnTransformer([
        ("num", "passthrough", NUMERIC),
        ("cat", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), CATEGORICAL),
    ])
    model = HistGradientBoostingClassifier(max_iter=250, learning_rate=0.07)
    return Pipeline([("columns", columns), ("model", model)])
