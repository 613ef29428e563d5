# kind: solution
# target: topic
# leak: outside-fold
# line: 23
# why: the weights of the words are learned from all documents, also those of the validation part.
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC


def corpus():
    docs = pd.read_csv("news.csv")
    return (docs["title"].fillna("") + " " + docs["body"].fillna("")).tolist()


class NewsClassifier(BaseEstimator, ClassifierMixin):
    def _texts(self, X):
        return (X["title"].fillna("") + " " + X["body"].fillna("")).tolist()

    def fit(self, X, y):
        self.vec_ = TfidfVectorizer(min_df=5, stop_words="english", sublinear_tf=True)
        self.vec_.fit(corpus())
        self.svm_ = LinearSVC(C=0.5).fit(self.vec_.transform(self._texts(X)), y)
        self.classes_ = self.svm_.classes_
        return self

    def predict(self, X):
        return self.svm_.predict(self.vec_.transform(self._texts(X)))


def build():
    return NewsClassifier()
