# kind: solution
# target: severity
# why: the rows are divided first, imputer and scaler see the inner training part only, and the rounds found there are used for the final fit.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBRegressor


class Severity(BaseEstimator, RegressorMixin):
    def __init__(self, eta=0.03, depth=5, patience=50, seed=17):
        self.eta = eta
        self.depth = depth
        self.patience = patience
        self.seed = seed

    @staticmethod
    def _front():
        return make_pipeline(SimpleImputer(strategy="median"), StandardScaler())

    def _booster(self, rounds, **extra):
        return XGBRegressor(
            n_estimators=rounds, learning_rate=self.eta, max_depth=self.depth,
            random_state=self.seed, **extra,
        )

    def fit(self, X, y):
        t = np.log1p(np.asarray(y, dtype=float))
        X_in, X_va, t_in, t_va = train_test_split(X, t, test_size=0.2, random_state=self.seed)
        front = self._front().fit(X_in)
        probe = self._booster(3000, early_stopping_rounds=self.patience, eval_metric="rmse")
        probe.fit(
            front.transform(X_in), t_in,
            eval_set=[(front.transform(X_va), t_va)],
            verbose=False,
        )
        self.rounds_ = probe.best_iteration + 1

        self.front_ = self._front().fit(X)
        self.model_ = self._booster(self.rounds_).fit(self.front_.transform(X), t)
        return self

    def predict(self, X):
        return np.expm1(self.model_.predict(self.front_.transform(X)))


def build():
    return Severity()
