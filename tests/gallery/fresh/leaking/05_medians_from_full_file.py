# kind: solution
# target: yield_t
# leak: outside-fold
# line: 21
# why: the fill values are medians of the whole file, the validation rows of each fold among them.
from functools import lru_cache
from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

HERE = Path(__file__).resolve().parent
GAPPY = ["rainfall_mm", "soil_ph"]


@lru_cache(maxsize=1)
def usual_values() -> pd.DataFrame:
    farms = pd.read_csv(HERE / "data" / "farms.csv", usecols=["region", *GAPPY])
    return farms.groupby("region").median()


def patch(X: pd.DataFrame) -> pd.DataFrame:
    X = X.copy()
    table = usual_values()
    for col in GAPPY:
        X[col] = X[col].fillna(X["region"].map(table[col])).fillna(table[col].median())
    return X


def build():
    return make_pipeline(
        FunctionTransformer(patch),
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), ["region"]),
            ("passthrough", ["land_ha", *GAPPY]),
        ),
        RandomForestRegressor(n_estimators=200, min_samples_leaf=3, random_state=0),
    )
