# kind: solution
# target: claim_cost
# leak: outside-fold
# line: 14
# why: the edges of the bins are quantiles of all policies, the validation policies included.
import numpy as np
import pandas as pd
from sklearn.linear_model import PoissonRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

POLICIES = pd.read_csv("policies.csv")
BINNED = ("driver_age", "car_age", "density")
EDGES = {c: np.quantile(POLICIES[c], np.linspace(0.1, 0.9, 9)) for c in BINNED}


def to_bins(X):
    return pd.DataFrame({c: np.digitize(X[c], edges) for c, edges in EDGES.items()})


def build():
    return make_pipeline(
        FunctionTransformer(to_bins),
        OneHotEncoder(handle_unknown="ignore"),
        PoissonRegressor(alpha=1e-3, max_iter=500),
    )
