# kind: solution
# target: closed_within_year
# suspects: closing_date
# leak: target-among-features
# line: 20
# why: Whether a closing date is filled in is the answer itself.
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def make_features(frame):
    out = pd.DataFrame(index=frame.index)
    out["log_balance"] = np.log1p(frame["balance"].clip(lower=0))
    out["cards"] = frame["cards"].fillna(0)
    out["years"] = frame["years_with_bank"].fillna(0)
    out["online"] = frame["online_banking"].eq("yes").astype(int)
    out["has_closing_date"] = frame["closing_date"].notna().astype(int)
    out["complaints"] = frame["complaints"].fillna(0)
    return out


def build():
    return make_pipeline(
        FunctionTransformer(make_features),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    )
