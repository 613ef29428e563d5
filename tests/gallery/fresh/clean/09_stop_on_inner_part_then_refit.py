# kind: solution
# target: is_fraud
# why: the transforms of the stopping round are fitted on its inner part, then all is refitted on every training row with the found number of trees.
import lightgbm as lgb
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler


class TwoPassBooster(ClassifierMixin, BaseEstimator):
    def __init__(self, patience=30, seed=11):
        self.patience = patience
        self.seed = seed

    def _prep(self):
        return make_column_transformer(
            (StandardScaler(), ["amount", "n_prior", "days_open"]),
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["channel"]),
        )

    def _gbm(self, rounds):
        return lgb.LGBMClassifier(n_estimators=rounds, learning_rate=0.05, verbose=-1)

    def fit(self, X, y):
        X_in, X_stop, y_in, y_stop = train_test_split(X, y, test_size=0.2, stratify=y, random_state=self.seed)
        prep = self._prep().fit(X_in)
        probe = self._gbm(2000).fit(
            prep.transform(X_in), y_in,
            eval_set=[(prep.transform(X_stop), y_stop)],
            callbacks=[lgb.early_stopping(self.patience, verbose=False)],
        )
        rounds = max(10, int((probe.best_iteration_ or 100) * 1.1))
        # second pass: all training rows, nothing left to judge
        self.prep_ = clone(prep).fit(X)
        self.gbm_ = self._gbm(rounds).fit(self.prep_.transform(X), y)
        self.classes_ = self.gbm_.classes_
        return self

    def predict(self, X):
        return self.gbm_.predict(self.prep_.transform(X))

    def predict_proba(self, X):
        return self.gbm_.predict_proba(self.prep_.transform(X))


def build():
    return TwoPassBooster()
