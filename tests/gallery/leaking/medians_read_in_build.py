# kind: solution
# target: default
# leak: outside-fold
# line: 26
# why: the medians for filling are taken from the whole file and not from the training part.
from pathlib import Path

import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

HERE = Path(__file__).resolve().parent


class Filler:
    def __init__(self, values):
        self.values = values

    def __call__(self, X):
        return X[list(self.values.index)].fillna(self.values)


def build():
    table = pd.read_csv(HERE / "data" / "credit.csv")
    medians = table.drop(columns="default").median(numeric_only=True)
    return Pipeline([
        ("fill", FunctionTransformer(Filler(medians))),
        ("rf", RandomForestClassifier(n_estimators=250, min_samples_leaf=5, random_state=1)),
    ])
