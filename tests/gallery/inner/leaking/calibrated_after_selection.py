# kind: solution
# target: sepsis
# leak: selected-before-split
# line: 17
# why: Columns were kept by a penalised model of all rows, and calibration is cross-validated on these columns.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC


class Calibrated(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        X = X.fillna(0)
        self.keep_ = SelectFromModel(LogisticRegression(penalty="l1", solver="liblinear", C=0.1))
        X_small = self.keep_.fit_transform(X, y)
        self.cal_ = CalibratedClassifierCV(LinearSVC(dual="auto"), method="isotonic", cv=5)
        self.cal_.fit(X_small, y)
        self.classes_ = self.cal_.classes_
        return self

    def predict(self, X):
        return self.cal_.predict(self.keep_.transform(X.fillna(0)))

    def predict_proba(self, X):
        return self.cal_.predict_proba(self.keep_.transform(X.fillna(0)))


def build():
    return Calibrated()
