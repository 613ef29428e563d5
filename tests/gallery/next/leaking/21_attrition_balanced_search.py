# kind: solution
# target: attrition
# leak: resampling-before-split
# line: 33
# why: the minority is oversampled once on all rows and the search validates on folds full of synthetic neighbours.
import pandas as pd
from imblearn.over_sampling import ADASYN
from scipy.stats import loguniform, randint
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import RandomizedSearchCV

SPACE = {
    "learning_rate": loguniform(1e-2, 3e-1),
    "max_depth": randint(2, 6),
    "n_estimators": randint(80, 400),
}


class AttritionModel(BaseEstimator, ClassifierMixin):
    def __init__(self, n_iter=25, seed=0):
        self.n_iter = n_iter
        self.seed = seed

    @staticmethod
    def _numeric(X: pd.DataFrame) -> pd.DataFrame:
        flags = {"Yes": 1, "No": 0}
        out = X.copy()
        out["overtime"] = out["overtime"].map(flags).fillna(0)
        return out.select_dtypes("number").fillna(0)

    def fit(self, X, y):
        Z, t = ADASYN(random_state=self.seed).fit_resample(self._numeric(X), y)
        search = RandomizedSearchCV(
            GradientBoostingClassifier(random_state=self.seed),
            SPACE,
            n_iter=self.n_iter,
            scoring="f1",
            cv=5,
            random_state=self.seed,
        ).fit(Z, t)
        self.model_ = search.best_estimator_
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(self._numeric(X))


def build():
    return AttritionModel()
