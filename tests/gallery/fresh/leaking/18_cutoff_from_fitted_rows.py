# kind: solution
# target: diabetic
# leak: in-sample-scores
# line: 23
# why: the cut-off is chosen on probabilities of the very rows the forest was grown on, which are close to 0 and 1.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score


class ScreeningForest(ClassifierMixin, BaseEstimator):
    """Forest whose cut-off is set for the best F1."""

    def __init__(self, trees=300, seed=0):
        self.trees = trees
        self.seed = seed

    def fit(self, X, y):
        y = np.asarray(y)
        self.forest_ = RandomForestClassifier(self.trees, random_state=self.seed).fit(X, y)
        self.classes_ = self.forest_.classes_
        self.cut_ = self._best_cut(self.forest_.predict_proba(X)[:, 1], y)
        return self

    @staticmethod
    def _best_cut(p, y, steps=np.linspace(0.05, 0.95, 91)):
        scores = [f1_score(y, (p >= s).astype(int)) for s in steps]
        return float(steps[int(np.argmax(scores))])

    def predict(self, X):
        return self.classes_[(self.forest_.predict_proba(X)[:, 1] >= self.cut_).astype(int)]

    def predict_proba(self, X):
        return self.forest_.predict_proba(X)


def build():
    return ScreeningForest()
