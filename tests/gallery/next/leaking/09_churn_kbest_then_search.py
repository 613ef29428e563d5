# kind: solution
# target: churn
# leak: selection-before-split
# line: 21
# why: the columns are chosen with the labels of all rows and only then cross-validated by the search.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV


class ChurnModel(BaseEstimator, ClassifierMixin):
    def __init__(self, k=25):
        self.k = k

    def fit(self, X, y):
        num = X.select_dtypes("number")
        self.columns_ = list(num.columns)
        num = num.fillna(0)
        self.kbest_ = SelectKBest(mutual_info_classif, k=min(self.k, num.shape[1]))
        picked = self.kbest_.fit_transform(num, y)
        self.gs_ = GridSearchCV(
            LogisticRegression(max_iter=5000, solver="liblinear"),
            param_grid={"C": [0.01, 0.1, 1, 10], "penalty": ["l1", "l2"]},
            cv=5,
            scoring="roc_auc",
        ).fit(picked, y)
        self.classes_ = self.gs_.classes_
        return self

    def _prep(self, X):
        return self.kbest_.transform(X[self.columns_].fillna(0))

    def predict(self, X):
        return self.gs_.predict(self._prep(X))

    def predict_proba(self, X):
        return self.gs_.predict_proba(self._prep(X))


def build():
    return ChurnModel()
