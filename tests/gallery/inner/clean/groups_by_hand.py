# kind: solution
# target: gait
# group: subject
# why: The subjects themselves are split, so no subject is on both sides.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split


class Gait(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        y = np.asarray(y)
        who = X["subject"]
        Z = X.drop(columns="subject").fillna(0)
        own, other = train_test_split(who.unique(), test_size=0.25, random_state=0)
        is_val = who.isin(other).to_numpy()
        best = -1.0
        for leaf in (1, 5, 25):
            rf = RandomForestClassifier(300, min_samples_leaf=leaf, random_state=0).fit(Z[~is_val], y[~is_val])
            score = balanced_accuracy_score(y[is_val], rf.predict(Z[is_val]))
            if score > best:
                best, self.leaf_ = score, leaf
        self.rf_ = RandomForestClassifier(300, min_samples_leaf=self.leaf_, random_state=0).fit(Z, y)
        self.classes_ = self.rf_.classes_
        return self

    def predict(self, X):
        return self.rf_.predict(X.drop(columns="subject").fillna(0))


def build():
    return Gait()
