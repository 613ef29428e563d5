# kind: solution
# target: default
# why: the medians by group are those of the rows given to fit.
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline


class GroupMedianFiller(BaseEstimator, TransformerMixin):
    """Income is filled with the median of the same occupation."""

    def __init__(self, by="occupation", column="income"):
        self.by = by
        self.column = column

    def fit(self, X, y=None):
        self.medians_ = X.groupby(self.by)[self.column].median().to_dict()
        self.default_ = X[self.column].median()
        return self

    def transform(self, X):
        X = X.copy()
        guess = X[self.by].map(self.medians_).fillna(self.default_)
        X[self.column] = X[self.column].fillna(guess)
        return X.select_dtypes("number").fillna(-1)


def build():
    forest = RandomForestClassifier(n_estimators=250, min_samples_leaf=5, random_state=1)
    return Pipeline([("fill", GroupMedianFiller()), ("rf", forest)])
