# kind: solution
# target: default
# why: every statistic runs across the columns of a row (axis=1, ranks too), and columns written after the outcome are dropped.
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

QUARTERS = ["q1", "q2", "q3", "q4"]
AFTERWARDS = ["recovered", "write_off_date", "collection_fee"]


def ratios(df):
    return df.assign(burden=df.loan / (df.income + 1), log_income=np.log1p(df.income))


def quarters(df):
    q = df[QUARTERS]
    return df.assign(
        q_mean=q.mean(axis=1),
        q_std=q.std(axis=1),
        q_best=q.rank(axis=1).idxmax(axis=1).str[1:].astype(int),
        q_slope=q.diff(axis=1).mean(axis=1),
        q_share=q["q4"] / (q.sum(axis=1) + 1e-9),
    )


def features(df):
    return df.drop(columns=AFTERWARDS, errors="ignore").pipe(ratios).pipe(quarters)


def build():
    return make_pipeline(FunctionTransformer(features), RandomForestClassifier(150, random_state=0))
