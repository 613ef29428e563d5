# kind: solution
# target: defect
# leak: resampling-before-split
# line: 21
# why: defects are drawn with repetition before the inner split, so copies of a training row sit in the part that sets the threshold.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import f1_score


class DefectFinder(BaseEstimator, ClassifierMixin):
    def __init__(self, val_share=0.25, seed=11):
        self.val_share = val_share
        self.seed = seed

    def fit(self, X, y):
        rng = np.random.RandomState(self.seed)
        A, b = np.asarray(X, dtype=float), np.asarray(y).astype(int)
        pos, neg = np.flatnonzero(b == 1), np.flatnonzero(b == 0)
        idx = np.r_[neg, rng.choice(pos, size=len(neg), replace=True)]
        rng.shuffle(idx)

        cut = int(len(idx) * (1 - self.val_share))
        tr, va = idx[:cut], idx[cut:]
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
