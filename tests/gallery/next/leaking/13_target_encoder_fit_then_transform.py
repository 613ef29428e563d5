# kind: solution
# target: clicked
# leak: target-encoding
# line: 20
# why: fit followed by transform skips the cross-fitting of the encoder, so each training row is encoded with its own label.
from lightgbm import LGBMClassifier
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import TargetEncoder


class AdClicks(BaseEstimator, ClassifierMixin):
    HIGH_CARD = ["site_id", "app_id", "device_model", "publisher"]

    def __init__(self, n_estimators=400, learning_rate=0.05):
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate

    def fit(self, X, y):
        self.enc_ = TargetEncoder(smooth=1.0, random_state=0)
        self.enc_.fit(X[self.HIGH_CARD], y)
        Z = self._features(X)
        self.gbm_ = LGBMClassifier(
            n_estimators=self.n_estimators,
            learning_rate=self.learning_rate,
            num_leaves=63,
        )
        self.gbm_.fit(Z, y)
        self.classes_ = self.gbm_.classes_
        return self

    def _features(self, X):
        Z = X[["hour", "banner_pos", "n_seen_today"]].copy()
        Z[[f"{c}_te" for c in self.HIGH_CARD]] = self.enc_.transform(X[self.HIGH_CARD])
        return Z

    def predict(self, X):
        return self.gbm_.predict(self._features(X))

    def predict_proba(self, X):
        return self.gbm_.predict_proba(self._features(X))


def build():
    return AdClicks()
