# kind: solution
# target: defect
# leak: resampled-before-split
# line: 20
# why: Faulty parts are drawn several times before the validation part that picks the threshold is cut off.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split


class DefectTrees(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        table = X.select_dtypes("number").fillna(0.0).copy()
        self.names_ = list(table.columns)
        table["_y"] = np.asarray(y)
        rare = table[table["_y"] == 1]
        more = rare.sample(n=4 * len(rare), replace=True, random_state=0)
        table = pd.concat([table, more], ignore_index=True)
        fit_part, val_part = train_test_split(table, test_size=0.25, stratify=table["_y"], random_state=0)
        self.trees_ = ExtraTreesClassifier(400, random_state=0).fit(fit_part[self.names_], fit_part["_y"])
        p = self.trees_.predict_proba(val_part[self.names_])[:, 1]
        cuts = np.arange(0.1, 0.9, 0.02)
        self.cut_ = max(cuts, key=lambda c: f1_score(val_part["_y"], p >= c))
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        return self.trees_.predict_proba(X[self.names_].fillna(0.0))

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= self.cut_).astype(int)


def build():
    return DefectTrees()
