# kind: solution
# target: wear
# group: bearing
# leak: groups-split
# line: 18
# why: Windows of one bearing are dealt to both sides of the inner split that decides when to stop.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import train_test_split
from xgboost import XGBRegressor


class WearModel(BaseEstimator, RegressorMixin):
    def __init__(self, rounds=3000):
        self.rounds = rounds

    def fit(self, X, y):
        Z = X.drop(columns="bearing")
        tr_x, va_x, tr_y, va_y = train_test_split(Z, y, test_size=0.2, random_state=5)
        self.booster_ = XGBRegressor(n_estimators=self.rounds, early_stopping_rounds=40, learning_rate=0.02)
        self.booster_.fit(tr_x, tr_y, eval_set=[(va_x, va_y)], verbose=False)
        return self

    def predict(self, X):
        return self.booster_.predict(X.drop(columns="bearing"))


def build():
    return WearModel()
