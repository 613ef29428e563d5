# kind: solution
# target: age
# group: speaker_id
# leak: groups-split
# line: 16
# why: LassoCV deals recordings of one speaker to both sides of the folds that choose its penalty.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LassoCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class AgeFromVoice(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        self.pipe_ = make_pipeline(StandardScaler(), LassoCV(cv=5, max_iter=20000))
        self.pipe_.fit(X.drop(columns="speaker_id"), y)
        return self

    def predict(self, X):
        return self.pipe_.predict(X.drop(columns="speaker_id"))


def build():
    return AgeFromVoice()
