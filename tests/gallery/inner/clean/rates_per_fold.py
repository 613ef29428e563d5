# kind: solution
# target: bad_loan
# why: Default rates are taken from the training rows of each fold, and from all rows only for the last model.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, TargetEncoder

CATEGORIES = ["purpose", "employment", "region"]


class Scorecard(ClassifierMixin, BaseEstimator):
    def _make(self, C):
        return make_pipeline(TargetEncoder(random_state=0), StandardScaler(), LogisticRegression(C=C, max_iter=1000))

    def fit(self, X, y):
        y = pd.Series(np.asarray(y), index=X.index)
        Z = X[CATEGORIES].fillna("?")
        best = 0.0
        for C in (0.01, 0.1, 1.0):
            aucs = []
            for tr, va in StratifiedKFold(5).split(Z, y):
                m = self._make(C).fit(Z.iloc[tr], y.iloc[tr])
                aucs.append(roc_auc_score(y.iloc[va], m.predict_proba(Z.iloc[va])[:, 1]))
            if np.mean(aucs) > best:
                best, self.C_ = np.mean(aucs), C
        self.model_ = self._make(self.C_).fit(Z, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[CATEGORIES].fillna("?"))

    def predict_proba(self, X):
        return self.model_.predict_proba(X[CATEGORIES].fillna("?"))


def build():
    return Scorecard()
