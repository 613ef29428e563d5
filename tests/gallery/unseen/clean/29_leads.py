# kind: solution
# target: converted
# suspects: contract_id, signed_on
# why: Both warned columns are dropped before anything is computed, the rest is made row by row.
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

LEAKY = ["contract_id", "signed_on"]


def make_features(frame):
    frame = frame.drop(columns=LEAKY, errors="ignore")
    out = pd.DataFrame(index=frame.index)
    out["log_revenue"] = np.log1p(frame["company_revenue"].clip(lower=0).fillna(0))
    out["visits"] = frame["site_visits"].fillna(0)
    out["pages_per_visit"] = frame["pages"].fillna(0) / (out["visits"] + 1)
    out["has_phone"] = frame["phone"].notna().astype(int)
    out["from_fair"] = frame["source"].eq("fair").astype(int)
    return out


def build():
    return make_pipeline(
        FunctionTransformer(make_features),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    )
