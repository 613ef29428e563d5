# kind: solution
# target: premium
from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import PoissonRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

POPULATION = {"north": 1.9, "south": 4.4, "east": 2.7, "west": 6.1, "capital": 3.6}
ORDER = {"basic": 0, "plus": 1, "premium": 2}


@lru_cache(maxsize=None)
def engine_size(text):
    """'1.6 TDI' -> 1.6; the same text always gives the same number."""
    head = str(text).split(" ")[0].replace(",", ".")
    try:
        return float(head)
    except ValueError:
        return np.nan


def to_numbers(X):
    return pd.DataFrame({
        "population": X["region"].map(POPULATION),
        "cover": X["cover"].map(ORDER),
        "litres": X["engine"].map(engine_size),
        "age": X["driver_age"],
        "young": (X["driver_age"] < 25).astype(float),
    })


def build():
    glm = make_pipeline(
        FunctionTransformer(to_numbers), SimpleImputer(strategy="median"), StandardScaler(), PoissonRegressor(alpha=0.1, max_iter=500)
    )
    return TransformedTargetRegressor(glm, func=lambda v: v / 100, inverse_func=lambda v: v * 100)
