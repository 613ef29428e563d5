# kind: solution
# target: grade
# leak: fit-before-split
# line: 19
# why: Columns of the table are standardised in place before a sample of it is taken for validation.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression


class Grades(ClassifierMixin, BaseEstimator):
    num = ["hours", "absences", "age"]

    def fit(self, X, y):
        data = X[self.num].copy()
        self.stats_ = {}
        for c in self.num:
            m, s = data[c].mean(), data[c].std()
            self.stats_[c] = (m, s)
            data[c] = (data[c] - m) / s
        data["label"] = np.asarray(y)
        train = data.sample(frac=0.75, random_state=1)
        valid = data.drop(train.index)
        best, best_c = -1.0, None
        for c in [0.01, 0.1, 1, 10]:
            lr = LogisticRegression(C=c, max_iter=500).fit(train[self.num], train["label"])
            acc = (lr.predict(valid[self.num]) == valid["label"]).mean()
            if acc > best:
                best, best_c = acc, c
        self.lr_ = LogisticRegression(C=best_c, max_iter=500).fit(data[self.num], data["label"])
        self.classes_ = self.lr_.classes_
        return self

    def predict(self, X):
        Z = pd.DataFrame({c: (X[c] - m) / s for c, (m, s) in self.stats_.items()})
        return self.lr_.predict(Z[self.num])


def build():
    return Grades()
