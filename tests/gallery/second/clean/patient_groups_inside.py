# kind: solution
# target: readmitted
# group: patient_id
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler


def pipe(C):
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(C=C, max_iter=1000))


class GroupTunedLogit(ClassifierMixin, BaseEstimator):
    def __init__(self, grid=(0.001, 0.01, 0.1, 1.0)):
        self.grid = grid

    def fit(self, X, y):
        who, y = X["patient_id"].to_numpy(), np.asarray(y)
        Z = self._numbers(X)
        best = -np.inf
        for C in self.grid:
            folds = GroupKFold(n_splits=4).split(Z, y, groups=who)
            auc = np.mean([
                roc_auc_score(y[b], pipe(C).fit(Z.iloc[a], y[a]).decision_function(Z.iloc[b])) for a, b in folds
            ])
            if auc > best:
                best, self.C_ = auc, C
        self.model_ = pipe(self.C_).fit(Z, y)
        self.classes_ = self.model_.classes_
        return self

    def _numbers(self, X):
        return X.drop(columns="patient_id").select_dtypes("number")

    def predict_proba(self, X):
        return self.model_.predict_proba(self._numbers(X))

    def predict(self, X):
        return self.model_.predict(self._numbers(X))


def build():
    return GroupTunedLogit()
