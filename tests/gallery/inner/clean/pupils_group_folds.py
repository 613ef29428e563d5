# kind: solution
# target: passed
# group: school
# why: Schools stay together in the folds that compare the penalties.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class PupilLogit(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        Z = X.drop(columns=["school"])
        results = []
        for C in np.logspace(-3, 2, 6):
            pipe = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=C, max_iter=2000))
            cv = cross_validate(pipe, Z, y, groups=X["school"], cv=GroupKFold(5), scoring="roc_auc")
            results.append((cv["test_score"].mean(), C))
        _, C = max(results)
        self.pipe_ = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=C, max_iter=2000)).fit(Z, y)
        self.classes_ = self.pipe_.classes_
        return self

    def predict(self, X):
        return self.pipe_.predict(X.drop(columns=["school"]))

    def predict_proba(self, X):
        return self.pipe_.predict_proba(X.drop(columns=["school"]))


def build():
    return PupilLogit()
