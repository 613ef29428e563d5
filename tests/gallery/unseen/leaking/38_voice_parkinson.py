# kind: solution
# target: parkinson
# group: speaker
# leak: groups-split
# line: 19
# why: The search splits recordings at random, so recordings of one speaker lie in its training and its validation part.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold


class VoiceModel(BaseEstimator, ClassifierMixin):
    grid = {"max_depth": [3, 6, None], "min_samples_leaf": [1, 4, 16], "max_features": [0.2, 0.5]}

    def _features(self, X):
        return X.drop(columns=["speaker"]).fillna(0.0)

    def fit(self, X, y):
        cv = StratifiedKFold(n_splits=5, shuffle=True, random_state=2)
        self.search_ = GridSearchCV(
            RandomForestClassifier(n_estimators=300, random_state=2, n_jobs=-1),
            self.grid,
            cv=cv,
            scoring="roc_auc",
        )
        self.search_.fit(self._features(X), y)
        self.classes_ = self.search_.classes_
        return self

    def predict(self, X):
        return self.search_.predict(self._features(X))

    def predict_proba(self, X):
        return self.search_.predict_proba(self._features(X))


def build():
    return VoiceModel()
