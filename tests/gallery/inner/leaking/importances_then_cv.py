# kind: solution
# target: default
# leak: selected-before-split
# line: 20
# why: A forest of all rows names the columns that are kept before cross-validation compares settings.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import cross_val_score


class TopFeatures(BaseEstimator, ClassifierMixin):
    def __init__(self, keep=15, rates=(0.02, 0.05, 0.1)):
        self.keep = keep
        self.rates = rates

    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(X.min() - 1)
        forest = RandomForestClassifier(n_estimators=500, n_jobs=-1, random_state=0)
        forest.fit(X, y)
        order = np.argsort(forest.feature_importances_)[::-1]
        self.cols_ = X.columns[order[: self.keep]]
        means = []
        for rate in self.rates:
            model = HistGradientBoostingClassifier(learning_rate=rate, random_state=0)
            means.append(cross_val_score(model, X[self.cols_], y, cv=5, scoring="roc_auc").mean())
        rate = self.rates[int(np.argmax(means))]
        self.model_ = HistGradientBoostingClassifier(learning_rate=rate, random_state=0).fit(X[self.cols_], y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[self.cols_])

    def predict_proba(self, X):
        return self.model_.predict_proba(X[self.cols_])


def build():
    return TopFeatures()
