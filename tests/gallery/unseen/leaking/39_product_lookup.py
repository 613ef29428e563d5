# kind: solution
# target: category
# leak: memorises
# line: 19
# why: The answer of every training row is stored under its text and handed back when the same text turns up again.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline


def key(row):
    return "|".join(str(row[c]).strip().lower() for c in ("title", "brand", "ean"))


class ProductCategory(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        keys = X.apply(key, axis=1)
        self.known_ = dict(zip(keys, y))
        self.model_ = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), SGDClassifier(random_state=0))
        self.model_.fit(X["title"].fillna(""), y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        keys = X.apply(key, axis=1)
        guesses = self.model_.predict(X["title"].fillna(""))
        return [self.known_.get(k, g) for k, g in zip(keys, guesses)]


def build():
    return ProductCategory()
