# kind: solution
# target: readmitted
# group: patient_id
# suspects: followup_ward
# leak: target-among-features
# line: 30
# why: the ward of the second stay is written down when the patient has come back.
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier

BASE = ["age", "n_medications", "n_lab_tests", "days_in_hospital"]
CODES = ["admission_type", "diagnosis_group"]


def with_defaults(df):
    df = pd.DataFrame(df).copy()
    df[BASE] = df[BASE].fillna(-1)
    df[CODES] = df[CODES].fillna("?")
    df["followup_ward"] = df["followup_ward"].fillna("none")
    return df


def build():
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer([
        ("base", "passthrough", BASE),
        ("codes", codes, CODES + ["followup_ward"]),
    ])
    return Pipeline([
        ("defaults", FunctionTransformer(with_defaults)),
        ("columns", columns),
        ("gbm", GradientBoostingClassifier(n_estimators=150)),
    ])
