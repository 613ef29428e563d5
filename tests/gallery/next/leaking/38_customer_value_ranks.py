# kind: solution
# target: ltv_90d
# leak: test-statistics
# line: 22
# why: percentile ranks and quantile bins are recomputed in transform over whatever rows are to be predicted.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import TweedieRegressor
from sklearn.pipeline import Pipeline


class RFM(BaseEstimator, TransformerMixin):
    """Recency, frequency, monetary: the marketing classic."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return (
            pd.DataFrame(index=X.index)
            .assign(
                recency=lambda d: X["days_since_last"].rank(pct=True, ascending=False),
                frequency=lambda d: X["n_orders"].rank(pct=True),
                monetary=lambda d: pd.qcut(X["spend_30d"].rank(method="first"), 5, labels=False),
                newsletter=lambda d: X["newsletter"].astype(float),
            )
            .assign(score=lambda d: 100 * d["recency"] + 10 * d["frequency"] + d["monetary"])
            .fillna(0.0)
        )


def build():
    return Pipeline([
        ("rfm", RFM()),
        ("glm", TweedieRegressor(power=1.5, alpha=0.01, max_iter=1000)),
    ])
