# kind: solution
# target: survival
# why: Each fold only says how many rounds are enough; nothing is compared by the rows that stopped it.
import lightgbm as lgb
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold


class Rounds(BaseEstimator, ClassifierMixin):
    def __init__(self, rate=0.03):
        self.rate = rate

    def fit(self, X, y):
        Z, y = X.select_dtypes("number"), np.asarray(y)
        rounds = []
        for tr, va in StratifiedKFold(5, shuffle=True, random_state=2).split(Z, y):
            model = lgb.LGBMClassifier(n_estimators=4000, learning_rate=self.rate, verbose=-1)
            model.fit(Z.iloc[tr], y[tr], eval_set=[(Z.iloc[va], y[va])], callbacks=[lgb.early_stopping(60, verbose=False)])
            rounds.append(model.best_iteration_)
        self.n_ = int(np.mean(rounds) * 1.1)
        self.model_ = lgb.LGBMClassifier(n_estimators=self.n_, learning_rate=self.rate, verbose=-1).fit(Z, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X.select_dtypes("number"))

    def predict_proba(self, X):
        return self.model_.predict_proba(X.select_dtypes("number"))


def build():
    return Rounds()
