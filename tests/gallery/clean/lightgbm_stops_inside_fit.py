# kind: solution
# target: default
# why: the stopping rows are cut off the training rows within fit.
import lightgbm as lgb
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split


class StoppedBooster(BaseEstimator, ClassifierMixin):
    def __init__(self, rounds=4000, patience=80, seed=0):
        self.rounds = rounds
        self.patience = patience
        self.seed = seed

    def _num(self, X):
        return X.select_dtypes(["number", "bool"])

    def fit(self, X, y):
        X_fit, X_es, y_fit, y_es = train_test_split(
            self._num(X), y, test_size=0.15, stratify=y, random_state=self.seed
        )
        self.gbm_ = lgb.LGBMClassifier(n_estimators=self.rounds, learning_rate=0.03, verbose=-1)
        self.gbm_.fit(X_fit, y_fit, eval_set=[(X_es, y_es)],
                      callbacks=[lgb.early_stopping(self.patience, verbose=False)])
        self.classes_ = self.gbm_.classes_
        return self

    def predict(self, X):
        return self.gbm_.predict(self._num(X))

    def predict_proba(self, X):
        return self.gbm_.predict_proba(self._num(X))


def build():
    return StoppedBooster()
