# kind: solution
# target: is_fraud
# leak: resample-before-split
# line: 28
# why: copies of one fraud row fall into both the fitted part and the part that decides when to stop.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
import lightgbm as lgb


def balance(X, y, rng):
    frauds = np.flatnonzero(np.asarray(y) == 1)
    missing = max(0, len(y) - 2 * len(frauds))
    extra = rng.choice(frauds, size=missing, replace=True)
    rows = np.concatenate([np.arange(len(y)), extra])
    rng.shuffle(rows)
    return X.iloc[rows], y.iloc[rows]


class FraudBooster(ClassifierMixin, BaseEstimator):
    def __init__(self, seed=11):
        self.seed = seed

    def fit(self, X, y):
        rng = np.random.default_rng(self.seed)
        Xb, yb = balance(self._num(X), pd.Series(y), rng)
        X_in, X_stop, y_in, y_stop = train_test_split(Xb, yb, test_size=0.2, random_state=self.seed)
        self.gbm_ = lgb.LGBMClassifier(n_estimators=2000, learning_rate=0.05, verbose=-1)
        self.gbm_.fit(X_in, y_in, eval_set=[(X_stop, y_stop)],
                      callbacks=[lgb.early_stopping(50, verbose=False)])
        self.classes_ = self.gbm_.classes_
        return self

    def _num(self, X):
        return X.select_dtypes("number")

    def predict(self, X):
        return self.gbm_.predict(self._num(X))

    def predict_proba(self, X):
        return self.gbm_.predict_proba(self._num(X))


def build():
    return FraudBooster()
