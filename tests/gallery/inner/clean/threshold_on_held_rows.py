# kind: solution
# target: donated
# why: The cut-off is chosen on rows that were kept out of the forest, which is then fitted again on all rows.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedShuffleSplit


class Cut(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        Z = X.select_dtypes("number").fillna(-1)
        y = np.asarray(y)
        forest = RandomForestClassifier(300, min_samples_leaf=3, random_state=0)
        fit_rows, cut_rows = next(StratifiedShuffleSplit(1, test_size=0.3, random_state=0).split(Z, y))
        p = clone(forest).fit(Z.iloc[fit_rows], y[fit_rows]).predict_proba(Z.iloc[cut_rows])[:, 1]
        grid = np.linspace(0.05, 0.95, 91)
        f1 = [f1_score(y[cut_rows], p >= t) for t in grid]
        self.t_ = grid[int(np.argmax(f1))]
        self.rf_ = forest.fit(Z, y)
        self.cols_ = Z.columns
        self.classes_ = self.rf_.classes_
        return self

    def predict_proba(self, X):
        return self.rf_.predict_proba(X[self.cols_].fillna(-1))

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= self.t_).astype(int)


def build():
    return Cut()
