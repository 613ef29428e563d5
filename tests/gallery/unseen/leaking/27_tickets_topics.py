# kind: solution
# target: priority
# leak: outside-fold
# line: 26
# why: Words and topics are learnt from every ticket in the file instead of the training tickets handed to fit.
from pathlib import Path

import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

TICKETS = Path("data") / "tickets.csv"


class TopicClassifier(ClassifierMixin, BaseEstimator):
    """Latent topics of the ticket text, then logistic regression."""

    def __init__(self, topics=80, C=2.0):
        self.topics = topics
        self.C = C

    def fit(self, X, y):
        corpus = pd.read_csv(TICKETS, usecols=["subject", "body"]).fillna("")
        self.topics_ = make_pipeline(
            TfidfVectorizer(min_df=3, sublinear_tf=True),
            TruncatedSVD(self.topics, random_state=0),
        ).fit(corpus["subject"] + " " + corpus["body"])
        self.model_ = LogisticRegression(C=self.C, max_iter=3000).fit(self._encode(X), y)
        self.classes_ = self.model_.classes_
        return self

    def _encode(self, X):
        return self.topics_.transform(X["subject"].fillna("") + " " + X["body"].fillna(""))

    def predict(self, X):
        return self.model_.predict(self._encode(X))

    def predict_proba(self, X):
        return self.model_.predict_proba(self._encode(X))


def build():
    return TopicClassifier()
