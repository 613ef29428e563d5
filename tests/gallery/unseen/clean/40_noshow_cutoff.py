# kind: solution
# target: no_show
# why: The cut-off is chosen on predictions made across inner folds for rows the inner models had not seen.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict


class CutoffClassifier(ClassifierMixin, BaseEstimator):
    """Predicts 1 above the cut-off with the best F1 across inner folds."""

    def __init__(self, estimator, folds=5):
        self.estimator = estimator
        self.folds = folds

    def fit(self, X, y):
        X = self._numbers(X)
        y = np.asarray(y).astype(int)
        p = cross_val_predict(self.estimator, X, y, cv=self.folds, method="predict_proba")[:, 1]
        grid = np.linspace(0.05, 0.9, 60)
        self.cutoff_ = grid[np.argmax([f1_score(y, p >= c) for c in grid])]
        self.model_ = clone(self.estimator).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def _numbers(self, X):
        return X.select_dtypes(["number", "bool"]).astype(float)

    def predict_proba(self, X):
        return self.model_.predict_proba(self._numbers(X))

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= self.cutoff_).astype(int)


def build():
    return CutoffClassifier(HistGradientBoostingClassifier(max_iter=200, random_state=0))
