# kind: solution
# target: bad_loan
# leak: target-encoding
# line: 22
# why: Default rates per category come from the labels of all rows before the folds that compare the settings.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold


class Scorecard(ClassifierMixin, BaseEstimator):
    CATEGORIES = ["purpose", "employment", "region"]

    def fit(self, X, y):
        y = pd.Series(np.asarray(y), index=X.index)
        self.rates_ = {}
        Z = X[["amount", "term"]].copy()
        for column in self.CATEGORIES:
            rate = y.groupby(X[column]).mean()
            self.rates_[column] = np.log((rate + 0.01) / (1.01 - rate))
            Z[column] = X[column].map(self.rates_[column])
        Z = Z.fillna(0)
        best = 0.0
        for C in (0.01, 0.1, 1.0):
            aucs = []
            for tr, va in StratifiedKFold(5).split(Z, y):
                m = LogisticRegression(C=C, max_iter=1000).fit(Z.iloc[tr], y.iloc[tr])
                aucs.append(roc_auc_score(y.iloc[va], m.predict_proba(Z.iloc[va])[:, 1]))
            if np.mean(aucs) > best:
                best, self.C_ = np.mean(aucs), C
        self.model_ = LogisticRegression(C=self.C_, max_iter=1000).fit(Z, y)
        self.classes_ = self.model_.classes_
        return self

    def _table(self, X):
        Z = X[["amount", "term"]].copy()
        for column, rates in self.rates_.items():
            Z[column] = X[column].map(rates)
        return Z.fillna(0)

    def predict(self, X):
        return self.model_.predict(self._table(X))

    def predict_proba(self, X):
        return self.model_.predict_proba(self._table(X))


def build():
    return Scorecard()
