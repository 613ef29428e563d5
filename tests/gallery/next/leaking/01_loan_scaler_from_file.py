# kind: solution
# target: default
# leak: preprocessing-before-split
# line: 17
# why: the scaler is fitted at import on every row of the table, so the validation rows of each fold shape it.
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

NUMERIC = ["amount", "rate", "income", "dti", "open_accounts", "revolving_balance"]
DATA = Path("data") / "loans.csv"

_all = pd.read_csv(DATA).drop(columns=["default"])
_scaler = StandardScaler().fit(_all[NUMERIC].fillna(0.0))


def standardise(frame: pd.DataFrame):
    return _scaler.transform(frame[NUMERIC].fillna(0.0))


def build() -> Pipeline:
    return Pipeline(
        steps=[
            ("standardise", FunctionTransformer(standardise)),
            ("clf", LogisticRegression(C=0.3, class_weight="balanced", max_iter=2000)),
        ]
    )
