# kind: solution
# target: defect
# why: rows are divided before defects are repeated, and only the inner training part is repeated; the other part sets the threshold.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedShuffleSplit


class DefectFinder(BaseEstimator, ClassifierMixin):
    def __init__(self, val_share=0.25, seed=11):
        self.val_share = val_share
        self.seed = seed

    def _repeat_positives(self, rows, b):
        rng = np.random.RandomState(self.seed)
        pos, neg = rows[b[rows] == 1], rows[b[rows] == 0]
        return np.r_[neg, rng.choice(pos, size=len(neg), replace=True)]

    def fit(self, X, y):
        A, b = np.asarray(X, dtype=float), np.asarray(y).astype(int)
        splitter = StratifiedShuffleSplit(1, test_size=self.val_share, random_state=self.seed)
        tr, va = next(splitter.split(A, b))
        tr = self._repeat_positives(tr, b)
        self.et_ = ExtraTreesClassifier(400, n_jobs=-1, random_state=self.seed).fit(A[tr], b[tr])

        p = self.et_.predict_proba(A[va])[:, 1]
        grid = np.linspace(0.05, 0.95, 91)
        self.cut_ = grid[np.argmax([f1_score(b[va], p >= g) for g in grid])]
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        return self.et_.predict_proba(np.asarray(X, dtype=float))

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= self.cut_).astype(int)


def build():
    return DefectFinder()
