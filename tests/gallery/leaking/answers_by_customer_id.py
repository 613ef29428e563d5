# kind: solution
# target: churned
# leak: memorises
# line: 18
# why: the labels of all customers are looked up by their number instead of being predicted.
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier


class Lookup(BaseEstimator, ClassifierMixin):
    def __init__(self, path="churn.csv", key="customer_id"):
        self.path = path
        self.key = key

    def fit(self, X, y):
        full = pd.read_csv(self.path)
        self.answers_ = full.set_index(self.key)["churned"].to_dict()
        self.fallback_ = DummyClassifier(strategy="most_frequent").fit(X, y)
        self.classes_ = self.fallback_.classes_
        return self

    def predict(self, X):
        default = self.fallback_.predict(X)
        return [self.answers_.get(k, d) for k, d in zip(X[self.key], default)]


def build():
    return Lookup()
