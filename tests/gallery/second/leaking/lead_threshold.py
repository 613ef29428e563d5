# kind: script
# target: converted
# leak: tuned-on-test
# line: 37
# why: The cut-off is the one with the best F1 on the test leads, and the same F1 is the result.
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, RobustScaler


class Result(NamedTuple):
    cutoff: float
    f1: float


def make_model():
    prep = make_column_transformer(
        (RobustScaler(), ["visits", "minutes_on_site", "pages_per_visit"]),
        (OneHotEncoder(handle_unknown="ignore"), ["source", "country", "occupation"]),
    )
    return make_pipeline(prep, LogisticRegression(class_weight="balanced", max_iter=1000))


def evaluate(leads: pd.DataFrame) -> Result:
    learn, check = train_test_split(leads, test_size=0.25, random_state=17)
    model = make_model().fit(learn, learn["converted"])
    score = model.predict_proba(check)[:, 1]
    prec, rec, cuts = precision_recall_curve(check["converted"], score)
    f1s = 2 * prec * rec / np.maximum(prec + rec, 1e-9)
    cutoff = cuts[np.argmax(f1s[:-1])]
    return Result(cutoff, f1_score(check["converted"], score >= cutoff))


if __name__ == "__main__":
    print(evaluate(pd.read_csv("leads.csv").dropna()))
