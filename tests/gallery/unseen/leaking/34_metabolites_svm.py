# kind: solution
# target: disease
# leak: selected-before-split
# line: 21
# why: The best metabolites are chosen with all labels given to fit, and the search then validates on the same rows.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_selection import mutual_info_classif
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


class TopMetabolites(ClassifierMixin, BaseEstimator):
    def __init__(self, n=30):
        self.n = n

    def fit(self, X, y):
        X = X.filter(regex="^met_").fillna(0)
        info = mutual_info_classif(X, y, random_state=0)
        self.kept_ = X.columns[np.argsort(info)[::-1][: self.n]]
        search = GridSearchCV(
            make_pipeline(StandardScaler(), SVC()),
            {"svc__C": [0.1, 1, 10, 100], "svc__gamma": ["scale", 0.01, 0.1]},
            cv=5,
            scoring="balanced_accuracy",
        )
        self.search_ = search.fit(X[self.kept_], y)
        print("inner balanced accuracy", round(search.best_score_, 3))
        self.classes_ = search.classes_
        return self

    def predict(self, X):
        return self.search_.predict(X[self.kept_].fillna(0))


def build():
    return TopMetabolites()
