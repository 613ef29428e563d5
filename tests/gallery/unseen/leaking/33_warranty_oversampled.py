# kind: solution
# target: warranty_claim
# leak: resampled-before-split
# line: 20
# why: Claims are duplicated before the inner split, so the rows that decide when to stop are copies of training rows.
import lightgbm as lgb
from imblearn.over_sampling import RandomOverSampler
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split


class ClaimModel(ClassifierMixin, BaseEstimator):
    def __init__(self, rounds=2000, patience=50):
        self.rounds = rounds
        self.patience = patience

    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(-1)
        self.columns_ = X.columns
        X_bal, y_bal = RandomOverSampler(random_state=0).fit_resample(X, y)
        X_fit, X_stop, y_fit, y_stop = train_test_split(X_bal, y_bal, test_size=0.2, random_state=0)
        self.model_ = lgb.LGBMClassifier(n_estimators=self.rounds, learning_rate=0.05, verbosity=-1)
        self.model_.fit(
            X_fit, y_fit,
            eval_set=[(X_stop, y_stop)],
            callbacks=[lgb.early_stopping(self.patience, verbose=False)],
        )
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[self.columns_].fillna(-1))

    def predict_proba(self, X):
        return self.model_.predict_proba(X[self.columns_].fillna(-1))


def build():
    return ClaimModel()
