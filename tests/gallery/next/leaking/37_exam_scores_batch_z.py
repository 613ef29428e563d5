# kind: solution
# target: passed
# leak: test-statistics
# line: 13
# why: at predict time the features are standardised with the mean and deviation of the rows to predict.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import SGDClassifier


def zscore(a):
    a = np.asarray(a, dtype=float)
    return (a - np.nanmean(a, axis=0)) / (np.nanstd(a, axis=0) + 1e-8)


class PassPredictor(BaseEstimator, ClassifierMixin):
    columns = ["hours", "attendance", "quiz_avg", "forum_posts", "late_days"]

    def __init__(self, alpha=1e-4, epochs=50):
        self.alpha = alpha
        self.epochs = epochs

    def fit(self, X, y):
        Z = np.nan_to_num(zscore(X[self.columns]))
        self.net_ = SGDClassifier(
            loss="log_loss", alpha=self.alpha, max_iter=self.epochs, tol=None, random_state=0
        )
        self.net_.fit(Z, y)
        self.classes_ = self.net_.classes_
        return self

    def predict(self, X):
        return self.net_.predict(np.nan_to_num(zscore(X[self.columns])))

    def predict_proba(self, X):
        return self.net_.predict_proba(np.nan_to_num(zscore(X[self.columns])))


def build():
    return PassPredictor()
