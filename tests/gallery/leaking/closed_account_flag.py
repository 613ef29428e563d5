# kind: solution
# target: churned
# suspects: closed_at, final_invoice
# leak: target-among-features
# line: 19
# why: whether a closing date exists says directly whether the customer has left.
"""Boosted trees on a handful of account features."""
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def account_features(frame):
    frame = pd.DataFrame(frame)
    out = pd.DataFrame(index=frame.index)
    out["tenure"] = frame["tenure_months"]
    out["per_seat"] = frame["mrr"] / frame["seats"].clip(lower=1)
    out["is_open"] = frame["closed_at"].isna().astype(int)
    out["tickets"] = frame["tickets_90d"].fillna(0)
    return out


def build():
    return make_pipeline(
        FunctionTransformer(account_features),
        HistGradientBoostingClassifier(max_iter=200, learning_rate=0.08),
    )
