# kind: solution
# target: claim
# why: Every trial cross-validates a pipeline that fills gaps by itself; the last pipeline is fitted on all rows.
import optuna
from lightgbm import LGBMClassifier
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.impute import SimpleImputer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline


def pipeline(**params):
    return make_pipeline(SimpleImputer(strategy="median"), LGBMClassifier(verbose=-1, **params))


class ClaimsModel(BaseEstimator, ClassifierMixin):
    def __init__(self, n_trials=25):
        self.n_trials = n_trials

    def fit(self, X, y):
        X = X.select_dtypes(include="number")
        self.columns_ = X.columns
        folds = StratifiedKFold(5, shuffle=True, random_state=1)

        def objective(trial):
            params = {
                "num_leaves": trial.suggest_int("num_leaves", 7, 127, log=True),
                "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
            }
            return cross_val_score(pipeline(**params), X, y, cv=folds, scoring="neg_log_loss").mean()

        study = optuna.create_study(direction="maximize")
        study.optimize(objective, n_trials=self.n_trials)
        self.model_ = pipeline(**study.best_params).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X[self.columns_])

    def predict(self, X):
        return self.model_.predict(X[self.columns_])


def build():
    return ClaimsModel()
