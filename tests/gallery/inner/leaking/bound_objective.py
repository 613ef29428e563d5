# kind: solution
# target: survival
# leak: fit-before-split
# line: 23
# why: The objective is a method that cross-validates rows which were scaled with all rows in fit.
import optuna
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler


class Survival(BaseEstimator, ClassifierMixin):
    def __init__(self, trials=40):
        self.trials = trials

    def _objective(self, trial):
        alpha = trial.suggest_float("alpha", 1e-6, 1e-1, log=True)
        model = SGDClassifier(loss="log_loss", alpha=alpha, random_state=0)
        return cross_val_score(model, self._Z, self._y, cv=5, scoring="roc_auc").mean()

    def fit(self, X, y):
        self.scaler_ = StandardScaler().fit(X)
        self._Z, self._y = self.scaler_.transform(X), y
        study = optuna.create_study(direction="maximize")
        study.optimize(self._objective, n_trials=self.trials)
        self.model_ = SGDClassifier(loss="log_loss", random_state=0, **study.best_params).fit(self._Z, y)
        self.classes_ = self.model_.classes_
        del self._Z, self._y
        return self

    def predict(self, X):
        return self.model_.predict(self.scaler_.transform(X))


def build():
    return Survival()
