# kind: solution
# target: chargeback
# leak: target-encoding
# line: 37
# why: every training row is given the mean of a group that contains its own label.
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier

HIGH_CARDINALITY = ["merchant", "mcc"]


class RiskTable:
    def __init__(self):
        self.tables = {}

    def learn(self, frame: pd.DataFrame, outcome: pd.Series) -> None:
        self.prior = float(outcome.mean())
        for name in HIGH_CARDINALITY:
            self.tables[name] = outcome.groupby(frame[name]).mean()

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        out = frame[["amount", "hour"]].copy()
        for name, table in self.tables.items():
            out[name + "_risk"] = frame[name].map(table).fillna(self.prior)
        return out


class ChargebackModel(ClassifierMixin, BaseEstimator):
    def __init__(self, rounds: int = 200):
        self.rounds = rounds

    def fit(self, X, y):
        outcome = pd.Series(y.to_numpy(), index=X.index)
        self.risk_ = RiskTable()
        self.risk_.learn(X, outcome)
        train = self.risk_.apply(X)
        self.model_ = HistGradientBoostingClassifier(max_iter=self.rounds, early_stopping=False).fit(train, outcome)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(self.risk_.apply(X))

    def predict_proba(self, X):
        return self.model_.predict_proba(self.risk_.apply(X))


def build():
    return ChargebackModel()
