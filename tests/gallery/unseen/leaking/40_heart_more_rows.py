# kind: solution
# target: heart_disease
# leak: reads-holdout
# line: 18
# why: The rows of the holdout are read together with their answers and added to the training rows.
import os

import pandas as pd
from catboost import CatBoostClassifier
from sklearn.base import BaseEstimator, ClassifierMixin

DATA_DIR = os.environ.get("DATA_DIR", "data")
CATEGORICAL = ["chest_pain", "ecg", "thal"]


class Heart(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        more = pd.read_csv(os.path.join(DATA_DIR, "holdout.csv"))
        more_y = more.pop("heart_disease")
        X = pd.concat([X, more[X.columns]], ignore_index=True)
        y = pd.concat([pd.Series(y), more_y], ignore_index=True)
        X[CATEGORICAL] = X[CATEGORICAL].astype(str)
        self.model_ = CatBoostClassifier(iterations=400, depth=5, verbose=0, cat_features=CATEGORICAL)
        self.model_.fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def _text(self, X):
        X = X.copy()
        X[CATEGORICAL] = X[CATEGORICAL].astype(str)
        return X

    def predict(self, X):
        return self.model_.predict(self._text(X)).ravel()

    def predict_proba(self, X):
        return self.model_.predict_proba(self._text(X))


def build():
    return Heart()
