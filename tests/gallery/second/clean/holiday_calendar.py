# kind: solution
# target: visitors
# time: date
# split: time
"""Calendar features; the public holidays come from a small file that was published years ahead."""
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import GammaRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler

HOLIDAYS = pd.to_datetime(
    (Path(__file__).parent / "public_holidays.txt").read_text().split()
    if (Path(__file__).parent / "public_holidays.txt").exists()
    else ["2021-12-25", "2021-12-26", "2022-01-01", "2022-12-25", "2022-12-26", "2023-01-01"]
)


def calendar(X):
    d = X["date"].dt.normalize()
    out = {f"dow_{k}": (d.dt.dayofweek == k).astype(float) for k in range(7)}
    out.update({f"month_{m}": (d.dt.month == m).astype(float) for m in range(1, 13)})
    out["holiday"] = d.isin(HOLIDAYS).astype(float)
    out["eve"] = (d + pd.Timedelta(days=1)).isin(HOLIDAYS).astype(float)
    out["capacity"] = np.log(X["seats"].clip(lower=1))
    return pd.DataFrame(out, index=X.index)


def build():
    return make_pipeline(FunctionTransformer(calendar), MaxAbsScaler(), GammaRegressor(alpha=0.01, max_iter=400))
