# kind: solution
# target: bad
# leak: target-encoding
# line: 26
# why: weights of evidence are computed with the labels of all rows before the folds that choose the penalty.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegressionCV


def woe_table(codes: pd.Series, bad: pd.Series, eps: float = 0.5) -> pd.Series:
    tab = pd.crosstab(codes, bad)
    good = (tab[0] + eps) / (tab[0].sum() + eps)
    evil = (tab[1] + eps) / (tab[1].sum() + eps)
    return np.log(good / evil)


class Scorecard(BaseEstimator, ClassifierMixin):
    def __init__(self, fields=("employer", "postcode", "purpose", "occupation"), cv=5):
        self.fields = fields
        self.cv = cv

    def fit(self, X, y):
        labels = pd.Series(np.asarray(y), index=X.index)
        self.woe_ = {f: woe_table(X[f].astype(str), labels) for f in self.fields}
        self.lr_ = LogisticRegressionCV(
            Cs=np.logspace(-3, 2, 12), cv=self.cv, scoring="roc_auc", max_iter=1000
        )
        self.lr_.fit(self._encode(X), labels)
        self.classes_ = self.lr_.classes_
        return self

    def _encode(self, X):
        return pd.concat(
            [X[f].astype(str).map(self.woe_[f]).fillna(0.0).rename(f) for f in self.fields], axis=1
        )

    def predict(self, X):
        return self.lr_.predict(self._encode(X))

    def predict_proba(self, X):
        return self.lr_.predict_proba(self._encode(X))


def build():
    return Scorecard()
