# kind: solution
# target: default
# suspects: collection_fees, recoveries
# leak: target-among-features
# line: 18
# why: recoveries are booked only after a loan has defaulted.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from xgboost import XGBClassifier


class LoanModel(BaseEstimator, ClassifierMixin):
    columns = [
        "loan_amnt",
        "annual_inc",
        "dti",
        "int_rate",
        "recoveries",
        "revol_util",
    ]

    def _matrix(self, X):
        return np.log1p(X[self.columns].fillna(0).clip(lower=0))

    def fit(self, X, y):
        self.model_ = XGBClassifier(n_estimators=300, max_depth=4, learning_rate=0.05)
        self.model_.fit(self._matrix(X), y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(self._matrix(X))

    def predict_proba(self, X):
        return self.model_.predict_proba(self._matrix(X))


def build():
    return LoanModel()
