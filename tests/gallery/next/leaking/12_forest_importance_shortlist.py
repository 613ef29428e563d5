# kind: solution
# target: readmit_30d
# leak: selection-before-split
# line: 33
# why: the shortlist of columns comes from a forest trained on all rows; the model is then chosen by cross-validation on that shortlist.
from typing import List

import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class ReadmissionRisk(BaseEstimator, ClassifierMixin):
    CANDIDATES = {
        "logreg": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        "gbm": GradientBoostingClassifier(max_depth=3, n_estimators=150, random_state=0),
    }

    def __init__(self, n_features: int = 15):
        self.n_features = n_features

    def _shortlist(self, X: pd.DataFrame, y: pd.Series) -> List[str]:
        rf = RandomForestClassifier(n_estimators=500, n_jobs=-1, random_state=0).fit(X, y)
        imp = pd.Series(rf.feature_importances_, index=X.columns)
        return imp.nlargest(self.n_features).index.tolist()

    def fit(self, X: pd.DataFrame, y: pd.Series):
        X = X.fillna(-999)
        self.features_ = self._shortlist(X, y)
        aucs = {
            name: cross_val_score(est, X[self.features_], y, cv=10, scoring="roc_auc").mean()
            for name, est in self.CANDIDATES.items()
        }
        self.winner_ = max(aucs, key=aucs.get)
        self.model_ = clone(self.CANDIDATES[self.winner_]).fit(X[self.features_], y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X.fillna(-999)[self.features_])

    def predict_proba(self, X):
        return self.model_.predict_proba(X.fillna(-999)[self.features_])


def build():
    return ReadmissionRisk()
