# kind: solution
# target: bearing_fault
# group: turbine_id
# split: group
# leak: groups-split
# line: 23
# why: rows of one turbine stand on both sides of the inner folds that choose the number of neighbours.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import RobustScaler


class TurbineKNN(ClassifierMixin, BaseEstimator):
    def __init__(self, neighbours=(1, 3, 9, 27)):
        self.neighbours = neighbours

    def fit(self, X, y):
        features = X.drop(columns=["turbine_id"])
        pipe = Pipeline([("scale", RobustScaler()), ("knn", KNeighborsClassifier())])
        grid = {"knn__n_neighbors": list(self.neighbours)}
        self.search_ = GridSearchCV(pipe, grid, cv=5, scoring="roc_auc").fit(features, y)
        self.classes_ = self.search_.classes_
        return self

    def predict(self, X):
        return self.search_.predict(X.drop(columns=["turbine_id"]))

    def predict_proba(self, X):
        return self.search_.predict_proba(X.drop(columns=["turbine_id"]))


def build():
    return TurbineKNN()
