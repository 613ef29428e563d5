# kind: solution
# target: relapse
# why: Genes are picked anew from the training rows of every inner fold, and at the end from all rows.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold


class GeneLogit(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        X, y = np.asarray(X), np.asarray(y)
        scores = {}
        for k in (10, 40, 160):
            aucs = []
            for tr, va in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
                select = SelectKBest(f_classif, k=k).fit(X[tr], y[tr])
                model = LogisticRegression(max_iter=5000).fit(select.transform(X[tr]), y[tr])
                aucs.append(roc_auc_score(y[va], model.decision_function(select.transform(X[va]))))
            scores[k] = np.mean(aucs)
        self.select_ = SelectKBest(f_classif, k=max(scores, key=scores.get)).fit(X, y)
        self.model_ = LogisticRegression(max_iter=5000).fit(self.select_.transform(X), y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(self.select_.transform(np.asarray(X)))

    def predict_proba(self, X):
        return self.model_.predict_proba(self.select_.transform(np.asarray(X)))


def build():
    return GeneLogit()
