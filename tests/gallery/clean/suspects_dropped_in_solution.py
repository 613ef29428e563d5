# kind: solution
# target: churned
# suspects: closed_at, final_invoice
# why: the columns that are filled after the end of the contract are thrown away before anything else.
"""Boosted trees on what is known while the account is alive."""
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

KNOWN_LATER = ["closed_at", "final_invoice"]


def account_features(frame):
    frame = pd.DataFrame(frame).drop(columns=KNOWN_LATER, errors="ignore")
    out = frame.select_dtypes("number").copy()
    out["per_seat"] = frame["mrr"] / frame["seats"].clip(lower=1)
    out["tickets"] = frame["tickets_90d"].fillna(0)
    return out


def build():
    return make_pipeline(
        FunctionTransformer(account_features),
        HistGradientBoostingClassifier(max_iter=200, learning_rate=0.08),
    )
