# kind: solution
# target: serious_dlq
# leak: outside-fold
# line: 13
# why: the quantile edges are taken anew from whatever rows come in, the rows to be predicted too.
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder


def deciles(s: pd.Series, q: int = 10) -> pd.Series:
    return pd.qcut(s.rank(method="first"), q, labels=False)


def scorecard_bins(X: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "income": deciles(X["income"]),
            "utilisation": deciles(X["utilisation"]),
            "age": pd.cut(X["age"], [0, 25, 35, 45, 55, 65, 200], labels=False),
            "inquiries": X["inquiries"].clip(upper=6),
        },
        index=X.index,
    )


def build() -> Pipeline:
    return Pipeline(
        [
            ("bins", FunctionTransformer(scorecard_bins)),
            ("dummies", OneHotEncoder(handle_unknown="ignore")),
            ("clf", LogisticRegression(C=0.5, max_iter=1000)),
        ]
    )
