# kind: solution
# target: profit_eur
# why: the file beside the module is a table of exchange rates for units, with no rows of the data set; without it constants are used.
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

FALLBACK = {"a": 1.0, "b": 0.92, "c": 1.16, "d": 0.0061}


def exchange_rates(name="exchange_rates.json"):
    source = Path(__file__).parent / name
    try:
        return FALLBACK | json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return dict(FALLBACK)


def in_euro(X, rates):
    euro = X["amount"] * X["currency"].map(rates).fillna(1.0)
    return np.column_stack([euro, np.log1p(euro), X["items"], euro / (X["items"] + 1)])


def build():
    return make_pipeline(
        FunctionTransformer(in_euro, kw_args={"rates": exchange_rates()}),
        StandardScaler(),
        FunctionTransformer(np.clip, kw_args={"a_min": -5, "a_max": 5}),
        Ridge(alpha=1.0),
    )
