# kind: solution
# target: buys_again
# time: ordered_at
# split: time
# leak: future-values
# line: 17
# why: the last date of a customer is that of orders made after the present one.
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def loyalty(X: pd.DataFrame) -> pd.DataFrame:
    X = X.assign(ordered_at=pd.to_datetime(X["ordered_at"]))
    per_customer = X.groupby("customer")
    days_left = per_customer["ordered_at"].transform("max") - X["ordered_at"]
    return pd.DataFrame({
        "basket": X["basket"],
        "dow": X["ordered_at"].dt.dayofweek,
        "days_left": days_left.dt.days,
    })


def build():
    return make_pipeline(FunctionTransformer(loyalty), GradientBoostingClassifier(max_depth=3))
