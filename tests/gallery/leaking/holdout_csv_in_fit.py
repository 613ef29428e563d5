# kind: solution
# target: churned
# leak: reads-holdout
# line: 15
# why: the holdout with its labels is read and fitted along with the training rows.
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier

FEATURES = ["tenure", "monthly_charges", "support_calls", "late_payments"]


class Forest(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        more = pd.read_csv("holdout.csv")
        X_all = pd.concat([X[FEATURES], more[FEATURES]])
        y_all = pd.concat([pd.Series(y), more["churned"]])
        self.rf_ = RandomForestClassifier(n_estimators=300, random_state=4)
        self.rf_.fit(X_all.fillna(0), y_all)
        self.classes_ = self.rf_.classes_
        return self

    def predict(self, X):
        return self.rf_.predict(X[FEATURES].fillna(0))

    def predict_proba(self, X):
        return self.rf_.predict_proba(X[FEATURES].fillna(0))


def build():
    return Forest()
