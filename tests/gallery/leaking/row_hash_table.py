# kind: solution
# target: fraud
# leak: memorises
# line: 12
# why: rows of the file are recognised by a hash of their values and their label is returned.
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier

table = pd.read_csv("transactions.csv")
keys = pd.util.hash_pandas_object(table.drop(columns="fraud"), index=False)
SEEN = dict(zip(keys, table["fraud"]))


class FraudModel(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        self.num_ = X.select_dtypes("number").columns
        self.trees_ = ExtraTreesClassifier(200).fit(X[self.num_].fillna(0), y)
        self.classes_ = self.trees_.classes_
        return self

    def predict(self, X):
        base = self.trees_.predict(X[self.num_].fillna(0))
        marks = pd.util.hash_pandas_object(X, index=False)
        return [SEEN.get(m, b) for m, b in zip(marks, base)]


def build():
    return FraudModel()
