"""Baseline: Logistic regression on every column, each prepared by its type and fitted inside the fold."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector as columns_of
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler


def days(frame):
    """Points in time as days, so that distances between them count."""
    frame = pd.DataFrame(frame)
    epoch = pd.Timestamp("1970-01-01")
    return np.column_stack([(frame[name] - epoch) / pd.Timedelta(days=1) for name in frame.columns])


def numbers(step=None):
    steps = [SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()]
    return make_pipeline(*([step] if step else []), *steps)


def build():
    prepare = make_column_transformer(
        (numbers(), columns_of(dtype_include=["number", "bool"])),
        (numbers(FunctionTransformer(days)), columns_of(dtype_include="datetime")),
        (
            make_pipeline(
                SimpleImputer(strategy="constant", fill_value="(none)"),
                OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10, max_categories=40),
            ),
            columns_of(dtype_include=object),
        ),
        remainder="drop",
    )
    return make_pipeline(prepare, LogisticRegression(max_iter=2000, C=1.0))
