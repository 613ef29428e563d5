# kind: solution
# target: claim
# leak: fit-before-split
# line: 20
# why: Gaps are filled with medians of all rows, and every trial of the study is cross-validated on the filled table.
import optuna
from lightgbm import LGBMClassifier
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold, cross_val_score

optuna.logging.set_verbosity(optuna.logging.WARNING)


class ClaimsModel(BaseEstimator, ClassifierMixin):
    def __init__(self, n_trials=25):
        self.n_trials = n_trials

    def fit(self, X, y):
        X = X.select_dtypes(include="number")
        self.median_ = X.median()
        X = X.fillna(self.median_)
        folds = StratifiedKFold(5, shuffle=True, random_state=1)

        def objective(trial):
            model = LGBMClassifier(
                num_leaves=trial.suggest_int("num_leaves", 7, 127, log=True),
                learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
                verbose=-1,
            )
            return cross_val_score(model, X, y, cv=folds, scoring="neg_log_loss").mean()

        study = optuna.create_study(direction="maximize")
        study.optimize(objective, n_trials=self.n_trials)
        self.model_ = LGBMClassifier(verbose=-1, **study.best_params).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X[self.median_.index].fillna(self.median_))

    def predict(self, X):
        return self.model_.predict(X[self.median_.index].fillna(self.median_))


def build():
    return ClaimsModel()
