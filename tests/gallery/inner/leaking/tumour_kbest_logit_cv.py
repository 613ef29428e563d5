# kind: solution
# target: relapse
# leak: selected-before-split
# line: 18
# why: Genes are picked with the labels of all rows and LogisticRegressionCV then splits these rows.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegressionCV


class GeneLogit(ClassifierMixin, BaseEstimator):
    """Forty genes and a penalty that is found by cross-validation."""

    def __init__(self, k=40):
        self.k = k

    def fit(self, X, y):
        self.select_ = SelectKBest(f_classif, k=self.k).fit(X, y)
        self.logit_ = LogisticRegressionCV(Cs=20, cv=5, penalty="l2", scoring="roc_auc", max_iter=5000)
        self.logit_.fit(self.select_.transform(X), y)
        self.classes_ = self.logit_.classes_
        return self

    def predict(self, X):
        return self.logit_.predict(self.select_.transform(X))

    def predict_proba(self, X):
        return self.logit_.predict_proba(self.select_.transform(X))


def build():
    return GeneLogit()
