# kind: solution
# target: stroke
# leak: resampling-before-split
# line: 31
# why: the rows returned by balance() contain repeated patients, and the depth is cross-validated on them.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import resample, shuffle


def balance(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    counts = frame[label].value_counts()
    big, small = counts.idxmax(), counts.idxmin()
    extra = resample(
        frame[frame[label] == small],
        replace=True,
        n_samples=int(counts[big]),
        random_state=123,
    )
    return shuffle(pd.concat([frame[frame[label] == big], extra]), random_state=123)


class StrokeTree(BaseEstimator, ClassifierMixin):
    inputs = ["age", "hypertension", "heart_disease", "avg_glucose_level", "bmi"]

    def fit(self, X, y):
        data = X[self.inputs].fillna(0).assign(_t=np.asarray(y))
        data = balance(data, "_t")
        cv = StratifiedKFold(10, shuffle=True, random_state=5)
        best = (-np.inf, None)
        for depth in (2, 3, 4, 6, 8, 12, None):
            tree = DecisionTreeClassifier(max_depth=depth, random_state=0)
            score = cross_val_score(tree, data[self.inputs], data["_t"], cv=cv, scoring="recall").mean()
            best = max(best, (score, depth), key=lambda s: s[0])
        self.tree_ = DecisionTreeClassifier(max_depth=best[1], random_state=0)
        self.tree_.fit(data[self.inputs], data["_t"])
        self.classes_ = self.tree_.classes_
        return self

    def predict(self, X):
        return self.tree_.predict(X[self.inputs].fillna(0))


def build():
    return StrokeTree()
