# kind: solution
# target: churned
# leak: outside-fold
# line: 24
# why: the scaler is fitted on every row before the inner folds that choose C score some of them as unseen.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import StandardScaler

NUMERIC = ["tenure_months", "monthly_fee", "support_calls", "data_gb", "late_payments"]


class ChurnModel(ClassifierMixin, BaseEstimator):
    """Logistic regression with its own little search over C."""

    def __init__(self, folds=5):
        self.folds = folds

    def _prepare(self, X, learn=False):
        values = X[NUMERIC].fillna(0.0).to_numpy(dtype=float)
        if learn:
            self.scaler_ = StandardScaler().fit(values)
        return self.scaler_.transform(values)

    def fit(self, X, y):
        Z = self._prepare(X, learn=True)
        search = GridSearchCV(
            LogisticRegression(max_iter=2000),
            {"C": np.logspace(-3, 2, 12)},
            cv=StratifiedKFold(self.folds, shuffle=True, random_state=0),
            scoring="roc_auc",
        )
        self.search_ = search.fit(Z, y)
        self.classes_ = search.classes_
        return self

    def predict(self, X):
        return self.search_.predict(self._prepare(X))

    def predict_proba(self, X):
        return self.search_.predict_proba(self._prepare(X))


def build():
    return ChurnModel()
