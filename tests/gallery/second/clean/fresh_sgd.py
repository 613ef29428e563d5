# kind: solution
# target: clicked
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier

HASHER = FeatureHasher(n_features=2**18, input_type="string")


def tokens(X):
    return HASHER.transform([[f"{k}={v}" for k, v in rec.items()] for rec in X.to_dict("records")])


class BatchedClicks(ClassifierMixin, BaseEstimator):
    def __init__(self, epochs=3, batch=5000, seed=0):
        self.epochs = epochs
        self.batch = batch
        self.seed = seed

    def fit(self, X, y):
        H, y = tokens(X), np.asarray(y)
        self.classes_ = np.unique(y)
        # a new learner for every fit, nothing carried over
        self.sgd_ = SGDClassifier(loss="log_loss", alpha=1e-6, random_state=self.seed)
        rng = np.random.default_rng(self.seed)
        for _ in range(self.epochs):
            order = rng.permutation(len(y))
            for start in range(0, len(y), self.batch):
                rows = order[start:start + self.batch]
                self.sgd_.partial_fit(H[rows], y[rows], classes=self.classes_)
        return self

    def predict_proba(self, X):
        return self.sgd_.predict_proba(tokens(X))

    def predict(self, X):
        return self.sgd_.predict(tokens(X))


def build():
    return BatchedClicks(epochs=4)
