# kind: solution
# target: bearing_fault
# group: turbine_id
# split: group
# why: the inner folds keep all rows of a turbine on one side and its number is no feature.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import RobustScaler


class TurbineKNN(ClassifierMixin, BaseEstimator):
    def __init__(self, neighbours=(1, 3, 9, 27)):
        self.neighbours = neighbours

    def fit(self, X, y):
        turbines = X["turbine_id"]
        folds = GroupKFold(n_splits=min(5, turbines.nunique()))
        pipe = Pipeline([("scale", RobustScaler()), ("knn", KNeighborsClassifier())])
        grid = {"knn__n_neighbors": list(self.neighbours)}
        self.search_ = GridSearchCV(pipe, grid, cv=folds, scoring="accuracy")
        self.search_.fit(X.drop(columns=["turbine_id"]), y, groups=turbines)
        self.classes_ = self.search_.classes_
        return self

    def predict(self, X):
        return self.search_.predict(X.drop(columns=["turbine_id"]))

    def predict_proba(self, X):
        return self.search_.predict_proba(X.drop(columns=["turbine_id"]))


def build():
    return TurbineKNN()
