# kind: solution
# target: department
# why: Words and topics are learnt from the mails handed to fit and from no others.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def texts(X):
    return X["subject"].fillna("") + " " + X["body"].fillna("")


class MailRouter(ClassifierMixin, BaseEstimator):
    """Latent topics of the mail, then logistic regression."""

    def __init__(self, topics=80, C=2.0):
        self.topics = topics
        self.C = C

    def fit(self, X, y):
        self.model_ = make_pipeline(
            TfidfVectorizer(min_df=3, sublinear_tf=True),
            TruncatedSVD(self.topics, random_state=0),
            LogisticRegression(C=self.C, max_iter=3000),
        )
        self.model_.fit(texts(X), y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(texts(X))

    def predict_proba(self, X):
        return self.model_.predict_proba(texts(X))


def build():
    return MailRouter()
