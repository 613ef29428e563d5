# kind: solution
# target: accepted
# why: repeated rows are dropped among the training rows only; predict answers every row it is given.
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import AdaBoostClassifier


class Deduplicated(ClassifierMixin, BaseEstimator):
    def __init__(self, estimator=None):
        self.estimator = estimator

    def fit(self, X, y):
        both = X.reset_index(drop=True).assign(_label=pd.Series(y).to_numpy())
        both = both.drop_duplicates()
        label = both.pop("_label")
        self.columns_ = list(both.columns)
        self.model_ = (self.estimator or AdaBoostClassifier(n_estimators=80, random_state=0)).fit(both, label)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[self.columns_])

    def predict_proba(self, X):
        return self.model_.predict_proba(X[self.columns_])


def build():
    return Deduplicated()
