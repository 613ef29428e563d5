# kind: solution
# target: defaulted
# why: the whole pipeline is cloned and fitted in each inner fold; the winner is refitted on all training rows at the end.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.feature_selection import SelectFromModel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

TEMPLATE = Pipeline([
    ("imp", SimpleImputer(strategy="median")),
    ("std", StandardScaler()),
    ("sel", SelectFromModel(LogisticRegression(penalty="l1", solver="liblinear"), threshold="mean")),
    ("lr", LogisticRegression(max_iter=2000)),
])


class Searched(ClassifierMixin, BaseEstimator):
    def __init__(self, tries=20, folds=4, seed=0):
        self.tries = tries
        self.folds = folds
        self.seed = seed

    def _loss(self, est, X, y):
        cv = StratifiedKFold(self.folds, shuffle=True, random_state=self.seed)
        losses = []
        for tr, va in cv.split(X, y):
            m = clone(est).fit(X[tr], y[tr])
            losses.append(log_loss(y[va], m.predict_proba(X[va]), labels=np.unique(y)))
        return float(np.mean(losses))

    def fit(self, X, y):
        A, b = np.asarray(X, dtype=float), np.asarray(y)
        rng = np.random.default_rng(self.seed)
        best = np.inf
        for _ in range(self.tries):
            est = clone(TEMPLATE).set_params(
                sel__estimator__C=10 ** rng.uniform(-2, 1), lr__C=10 ** rng.uniform(-3, 2)
            )
            loss = self._loss(est, A, b)
            if loss < best:
                best, winner = loss, est
        self.best_loss_ = best
        self.model_ = clone(winner).fit(A, b)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(np.asarray(X, dtype=float))

    def predict_proba(self, X):
        return self.model_.predict_proba(np.asarray(X, dtype=float))


def build():
    return Searched()
