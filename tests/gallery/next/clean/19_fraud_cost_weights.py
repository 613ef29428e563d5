# kind: solution
# target: is_fraud
# why: instead of resampling each training row gets a weight from the class shares of the training part.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils.class_weight import compute_sample_weight


class WeightedFraud(BaseEstimator, ClassifierMixin):
    """Balanced classes, and expensive frauds count more."""

    def __init__(self, amount="amount", cap=5.0, max_iter=300):
        self.amount = amount
        self.cap = cap
        self.max_iter = max_iter

    def _weights(self, X, y):
        w = compute_sample_weight("balanced", y)
        amount = np.asarray(X[self.amount], dtype=float)
        typical = np.median(amount)
        return w * np.clip(amount / (typical + 1.0), 1.0, self.cap)

    def fit(self, X, y):
        X = X.select_dtypes("number")
        self.columns_ = X.columns.tolist()
        self.gbm_ = HistGradientBoostingClassifier(
            max_iter=self.max_iter, learning_rate=0.05, early_stopping=False, random_state=0
        )
        self.gbm_.fit(X, y, sample_weight=self._weights(X, y))
        self.classes_ = self.gbm_.classes_
        return self

    def predict(self, X):
        return self.gbm_.predict(X[self.columns_])

    def predict_proba(self, X):
        return self.gbm_.predict_proba(X[self.columns_])


def build():
    return WeightedFraud()
