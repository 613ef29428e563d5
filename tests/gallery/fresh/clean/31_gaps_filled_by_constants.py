# kind: solution
# target: icu_death
# why: gaps are marked and filled by textbook values, no statistic of the rows is used.
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

NORMAL = {"glucose": 5.5, "lactate": 1.0, "ph": 7.40}


def labs(X: pd.DataFrame) -> pd.DataFrame:
    missing = X[list(NORMAL)].isna().add_suffix("_missing").astype(int)
    filled = X.fillna(NORMAL)
    total = missing.sum(axis=1).rename("n_missing")
    deviation = (filled[list(NORMAL)] - pd.Series(NORMAL)).abs().add_suffix("_off")
    return pd.concat([filled[[*NORMAL, "age"]], missing, total, deviation], axis=1)


def build():
    return make_pipeline(FunctionTransformer(labs), HistGradientBoostingClassifier(max_iter=100, early_stopping=False))
