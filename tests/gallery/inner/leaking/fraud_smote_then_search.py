# kind: solution
# target: fraud
# leak: resampled-before-split
# line: 18
# why: Frauds are made up from all frauds before the random search cross-validates.
from imblearn.over_sampling import SMOTE
from scipy.stats import randint
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import RandomizedSearchCV


class FraudForest(BaseEstimator, ClassifierMixin):
    def __init__(self, seed=11):
        self.seed = seed

    def fit(self, X, y):
        Xr, yr = SMOTE(k_neighbors=4, random_state=self.seed).fit_resample(X.fillna(-999), y)
        space = {"max_depth": randint(3, 20), "min_samples_leaf": randint(1, 30)}
        rs = RandomizedSearchCV(RandomForestClassifier(random_state=self.seed), space, n_iter=20, cv=5, scoring="f1")
        rs.fit(Xr, yr)
        self.rf_, self.classes_ = rs.best_estimator_, rs.classes_
        return self

    def predict(self, X):
        return self.rf_.predict(X.fillna(-999))

    def predict_proba(self, X):
        return self.rf_.predict_proba(X.fillna(-999))


def build():
    return FraudForest()
