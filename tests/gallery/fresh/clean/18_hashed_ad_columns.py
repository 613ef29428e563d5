# kind: solution
# target: click
# why: the hash of a value needs no rows, so there is nothing that could be fitted on the wrong ones.
import pandas as pd
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def tokens(X: pd.DataFrame) -> list[list[str]]:
    single = [[f"{c}={v}" for c, v in row.items()] for row in X.astype(str).to_dict("records")]
    return [row + ["x".join(pair) for pair in zip(row, row[1:])] for row in single]


def build():
    return make_pipeline(
        FunctionTransformer(tokens),
        FeatureHasher(n_features=2**14, input_type="string"),
        SGDClassifier(loss="log_loss", alpha=1e-5, random_state=0),
    )
