# kind: solution
# target: donated
# leak: train-score
# line: 18
# why: The cut-off is chosen by F1 on predictions for the very rows that the model was fitted on.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score


class CutOnTrain(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        Z = X.select_dtypes("number").fillna(-1)
        self.rf_ = RandomForestClassifier(300, min_samples_leaf=3, random_state=0).fit(Z, y)
        p = self.rf_.predict_proba(Z)[:, 1]
        grid = np.linspace(0.05, 0.95, 91)
        f1 = [f1_score(y, p >= t) for t in grid]
        self.t_ = grid[int(np.argmax(f1))]
        self.cols_ = Z.columns
        self.classes_ = self.rf_.classes_
        return self

    def predict_proba(self, X):
        return self.rf_.predict_proba(X[self.cols_].fillna(-1))

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= self.t_).astype(int)


def build():
    return CutOnTrain()
