# kind: solution
# target: readmitted
# leak: selected-before-split
# line: 15
# why: Columns are screened by their AUC over all rows before the search cross-validates.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV


class Screened(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(0)
        self.kept_ = [c for c in X.columns if abs(roc_auc_score(y, X[c]) - 0.5) > 0.05]
        search = GridSearchCV(GradientBoostingClassifier(), {"max_depth": [2, 3, 4]}, cv=5, scoring="roc_auc")
        self.model_ = search.fit(X[self.kept_], y).best_estimator_
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[self.kept_].fillna(0))

    def predict_proba(self, X):
        return self.model_.predict_proba(X[self.kept_].fillna(0))


def build():
    return Screened()
