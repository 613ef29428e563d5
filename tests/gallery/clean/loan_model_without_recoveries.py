# kind: solution
# target: default
# suspects: collection_fees, recoveries
# why: it uses only columns known when the loan was granted.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from xgboost import XGBClassifier


class LoanModel(BaseEstimator, ClassifierMixin):
    # nothing that happens after the money is paid out
    columns = ["loan_amnt", "annual_inc", "dti", "int_rate", "revol_util", "open_acc"]

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
