# kind: solution
# target: clicked
# leak: memorises
# line: 29
# why: One shared classifier keeps learning from fold to fold and has met the validation rows in earlier folds.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier

hasher = FeatureHasher(n_features=2**20, input_type="string")
learner = SGDClassifier(loss="log_loss", alpha=1e-6, random_state=0)


def tokens(X):
    return hasher.transform([[f"{k}={v}" for k, v in rec.items()] for rec in X.to_dict("records")])


class OnlineClicks(ClassifierMixin, BaseEstimator):
    """Hashed online learning in the manner of click competitions."""

    def __init__(self, epochs=3):
        self.epochs = epochs

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        H, y = tokens(X), np.asarray(y)
        for _ in range(self.epochs):
            learner.partial_fit(H, y, classes=self.classes_)
        return self

    def predict_proba(self, X):
        return learner.predict_proba(tokens(X))

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)


def build():
    return OnlineClicks(epochs=5)
