# kind: solution
# target: wear
# group: bearing
# why: Whole bearings are held out to decide when to stop.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GroupShuffleSplit
from xgboost import XGBRegressor


class WearModel(BaseEstimator, RegressorMixin):
    def __init__(self, rounds=3000):
        self.rounds = rounds

    def fit(self, X, y):
        Z = X.drop(columns="bearing")
        tr, va = next(GroupShuffleSplit(1, test_size=0.2, random_state=5).split(Z, y, groups=X["bearing"]))
        self.booster_ = XGBRegressor(n_estimators=self.rounds, early_stopping_rounds=40, learning_rate=0.02)
        self.booster_.fit(Z.iloc[tr], y.iloc[tr], eval_set=[(Z.iloc[va], y.iloc[va])], verbose=False)
        return self

    def predict(self, X):
        return self.booster_.predict(X.drop(columns="bearing"))


def build():
    return WearModel()
