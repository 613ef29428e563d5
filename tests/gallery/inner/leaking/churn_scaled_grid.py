# kind: solution
# target: churned
# leak: fit-before-split
# line: 16
# why: The scaler is fitted on every row that fit is handed, and the grid search then validates on some of these rows.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import RobustScaler
from sklearn.svm import SVC


class ScaledSvm(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.cols_ = X.select_dtypes("number").columns
        self.scaler_ = RobustScaler()
        Z = self.scaler_.fit_transform(X[self.cols_].fillna(0))
        grid = GridSearchCV(SVC(probability=True), {"C": [0.1, 1, 10, 100]}, scoring="roc_auc", cv=4, n_jobs=2)
        grid.fit(Z, y)
        self.best_ = grid.best_estimator_
        self.classes_ = self.best_.classes_
        return self

    def _prep(self, X):
        return self.scaler_.transform(X[self.cols_].fillna(0))

    def predict(self, X):
        return self.best_.predict(self._prep(X))

    def predict_proba(self, X):
        return self.best_.predict_proba(self._prep(X))


def build():
    return ScaledSvm()
