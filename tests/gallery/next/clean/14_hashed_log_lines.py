# kind: solution
# target: incident
# why: hashing needs no fitting at all, so tokens of other rows can't matter.
import zlib

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier


class LogLines(BaseEstimator, ClassifierMixin):
    BUCKETS = 1024

    def __init__(self, bits=18, epochs=5):
        self.bits = bits
        self.epochs = epochs

    def _host_bucket(self, hosts):
        rows = np.arange(len(hosts))
        cols = np.fromiter((zlib.crc32(str(h).encode()) % self.BUCKETS for h in hosts), dtype=int, count=len(hosts))
        return sparse.csr_matrix((np.ones(len(hosts)), (rows, cols)), shape=(len(hosts), self.BUCKETS))

    def _matrix(self, X):
        vec = HashingVectorizer(n_features=2 ** self.bits, alternate_sign=False, norm="l2")
        return sparse.hstack([vec.transform(X["message"].fillna("")), self._host_bucket(X["host"])]).tocsr()

    def fit(self, X, y):
        M, t = self._matrix(X), np.asarray(y)
        self.classes_ = np.unique(t)
        self.sgd_ = SGDClassifier(loss="log_loss", alpha=1e-6, random_state=0)
        rng = np.random.default_rng(0)
        for _ in range(self.epochs):
            for batch in np.array_split(rng.permutation(len(t)), max(1, len(t) // 4096)):
                self.sgd_.partial_fit(M[batch], t[batch], classes=self.classes_)
        return self

    def predict(self, X):
        return self.sgd_.predict(self._matrix(X))

    def predict_proba(self, X):
        return self.sgd_.predict_proba(self._matrix(X))


def build():
    return LogLines()
