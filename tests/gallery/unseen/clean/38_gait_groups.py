# kind: solution
# target: fall_risk
# group: person
# why: The search keeps all walks of a person in one of its folds, and the person's number is no feature.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold


class GaitModel(BaseEstimator, ClassifierMixin):
    grid = {"max_depth": [3, 6, None], "min_samples_leaf": [1, 4, 16], "max_features": [0.2, 0.5]}

    def _features(self, X):
        return X.drop(columns=["person"]).fillna(0.0)

    def fit(self, X, y):
        self.search_ = GridSearchCV(
            RandomForestClassifier(n_estimators=300, random_state=2, n_jobs=-1),
            self.grid,
            cv=StratifiedGroupKFold(n_splits=5, shuffle=True, random_state=2),
            scoring="roc_auc",
        )
        self.search_.fit(self._features(X), y, groups=X["person"])
        self.classes_ = self.search_.classes_
        return self

    def predict(self, X):
        return self.search_.predict(self._features(X))

    def predict_proba(self, X):
        return self.search_.predict_proba(self._features(X))


def build():
    return GaitModel()
