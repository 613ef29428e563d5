# kind: solution
# target: churned
# why: The scaler is a step of the pipeline that is searched and so is fitted anew in each inner fold.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import RobustScaler
from sklearn.svm import SVC


class ScaledSvm(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.cols_ = X.select_dtypes("number").columns
        pipe = Pipeline([("scale", RobustScaler()), ("svm", SVC(probability=True))])
        grid = GridSearchCV(pipe, {"svm__C": [0.1, 1, 10, 100]}, scoring="roc_auc", cv=4, n_jobs=2)
        grid.fit(X[self.cols_].fillna(0), y)
        self.best_ = grid.best_estimator_
        self.classes_ = self.best_.classes_
        return self

    def predict(self, X):
        return self.best_.predict(X[self.cols_].fillna(0))

    def predict_proba(self, X):
        return self.best_.predict_proba(X[self.cols_].fillna(0))


def build():
    return ScaledSvm()
