# kind: solution
# target: default
# why: A forest of all rows names the columns that are kept, and nothing inside is scored or chosen after that.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier


class TopFeatures(BaseEstimator, ClassifierMixin):
    def __init__(self, keep=15):
        self.keep = keep

    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(-1)
        forest = RandomForestClassifier(n_estimators=500, n_jobs=-1, random_state=0).fit(X, y)
        order = np.argsort(forest.feature_importances_)[::-1]
        self.cols_ = X.columns[order[: self.keep]]
        self.model_ = HistGradientBoostingClassifier(learning_rate=0.05, random_state=0).fit(X[self.cols_], y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[self.cols_].fillna(-1))

    def predict_proba(self, X):
        return self.model_.predict_proba(X[self.cols_].fillna(-1))


def build():
    return TopFeatures()
