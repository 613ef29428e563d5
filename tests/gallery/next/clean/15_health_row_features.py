# kind: solution
# target: risk
# why: every derived column uses the values of its own row and constants only; means run across columns.
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

VISITS = ["bp_visit1", "bp_visit2", "bp_visit3"]
REFERENCE = {"glucose": (99.0, 15.0), "chol": (190.0, 40.0)}


def derive(df: pd.DataFrame) -> pd.DataFrame:
    visits = df[VISITS]
    born = pd.to_datetime(df["birth_date"], errors="coerce")
    seen = pd.to_datetime(df["visit_date"], errors="coerce")
    out = pd.DataFrame({
        "bmi": df["weight_kg"] / (df["height_cm"] / 100) ** 2,
        "bp_mean": visits.mean(axis=1),
        "bp_std": visits.std(axis=1),
        "bp_rank": visits.rank(axis=1)["bp_visit3"],
        "bp_trend": df["bp_visit3"] - df["bp_visit1"],
        "age": (seen - born).dt.days / 365.25,
        "log_insulin": np.log1p(df["insulin"].clip(lower=0)),
    })
    for name, (centre, spread) in REFERENCE.items():
        out[name + "_z"] = (df[name] - centre) / spread
    return out


def build():
    return make_pipeline(
        FunctionTransformer(derive),
        SimpleImputer(strategy="median"),
        RandomForestClassifier(n_estimators=400, min_samples_leaf=3, random_state=0),
    )
