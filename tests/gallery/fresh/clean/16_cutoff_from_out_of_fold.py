# kind: solution
# target: diabetic
# why: the cut-off is chosen on out-of-fold probabilities of the training rows.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline


class ScreeningForest(ClassifierMixin, BaseEstimator):
    def __init__(self, trees=120, seed=0):
        self.trees = trees
        self.seed = seed

    def fit(self, X, y):
        y = np.asarray(y)
        self.model_ = make_pipeline(
            SimpleImputer(), RandomForestClassifier(self.trees, random_state=self.seed)
        )
        p = cross_val_predict(self.model_, X, y, cv=4, method="predict_proba")[:, 1]
        steps = np.linspace(0.05, 0.95, 91)
        self.cut_ = float(steps[np.argmax([f1_score(y, (p >= s).astype(int), zero_division=0) for s in steps])])
        self.model_.fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] >= self.cut_).astype(int)]


def build():
    return ScreeningForest()
