# kind: solution
# target: fraud
# why: Frauds are made up within the folds of the search, since the sampler is a step of the searched pipeline.
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from scipy.stats import randint
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import RandomizedSearchCV


class FraudForest(BaseEstimator, ClassifierMixin):
    def __init__(self, seed=11):
        self.seed = seed

    def fit(self, X, y):
        pipe = Pipeline([
            ("more", SMOTE(k_neighbors=4, random_state=self.seed)),
            ("rf", RandomForestClassifier(random_state=self.seed)),
        ])
        space = {"rf__max_depth": randint(3, 20), "rf__min_samples_leaf": randint(1, 30)}
        rs = RandomizedSearchCV(pipe, space, n_iter=20, cv=5, scoring="f1").fit(X.fillna(-999), y)
        self.rf_, self.classes_ = rs.best_estimator_, rs.classes_
        return self

    def predict(self, X):
        return self.rf_.predict(X.fillna(-999))

    def predict_proba(self, X):
        return self.rf_.predict_proba(X.fillna(-999))


def build():
    return FraudForest()
