# kind: solution
# target: response
import lightgbm as lgb
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split


class StoppedLGBM(ClassifierMixin, BaseEstimator):
    def __init__(self, rounds=2000, patience=60, share=0.15, seed=0):
        self.rounds = rounds
        self.patience = patience
        self.share = share
        self.seed = seed

    @staticmethod
    def _typed(X):
        X = X.copy()
        for col in X.select_dtypes(["object", "datetime"]):
            X[col] = X[col].astype(str).map(len) if X[col].dtype == object else X[col].dt.dayofyear
        return X

    def fit(self, X, y):
        y = np.asarray(y)
        X_a, X_test, y_a, y_test = train_test_split(
            self._typed(X), y, test_size=self.share, stratify=y, random_state=self.seed
        )
        self.model_ = lgb.LGBMClassifier(n_estimators=self.rounds, learning_rate=0.03, verbose=-1)
        self.model_.fit(X_a, y_a, eval_set=[(X_test, y_test)], callbacks=[lgb.early_stopping(self.patience, verbose=False)])
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(self._typed(X))

    def predict(self, X):
        return self.model_.predict(self._typed(X))


def build():
    return StoppedLGBM(patience=100)
