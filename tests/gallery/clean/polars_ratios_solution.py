# kind: solution
# target: default
# why: the expressions combine values of one row and compare them to fixed numbers.
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

BANDS = [18, 25, 35, 50, 65]


def ratios(X):
    frame = pl.from_pandas(X[["income", "loan", "debt", "age", "term"]])
    frame = frame.with_columns(
        (pl.col("loan") / (pl.col("income") + 1)).alias("loan_to_income"),
        (pl.col("debt") / (pl.col("income") + 1)).alias("debt_to_income"),
        (pl.col("loan") / pl.col("term").clip(1, None)).alias("instalment"),
        sum((pl.col("age") >= b).cast(pl.Int8) for b in BANDS).alias("age_band"),
    )
    return frame.to_numpy()


def build():
    return make_pipeline(
        FunctionTransformer(ratios),
        HistGradientBoostingClassifier(max_leaf_nodes=15, l2_regularization=1.0),
    )
