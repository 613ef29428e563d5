# kind: solution
# target: chargeback
# why: a training row is coded by the other folds only, new rows by all training rows.
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline


class FoldedMeans(TransformerMixin, BaseEstimator):
    def __init__(self, cols=("merchant", "mcc"), folds=5, weight=20.0):
        self.cols = cols
        self.folds = folds
        self.weight = weight

    def _table(self, key, y, prior):
        g = y.groupby(key).agg(["sum", "count"])
        return (g["sum"] + self.weight * prior) / (g["count"] + self.weight)

    def fit(self, X, y):
        y = pd.Series(np.asarray(y, float), index=X.index)
        self.prior_ = y.mean()
        self.tables_ = {c: self._table(X[c], y, self.prior_) for c in self.cols}
        return self

    def transform(self, X):
        out = X.drop(columns=list(self.cols))
        for c in self.cols:
            out[c + "_te"] = X[c].map(self.tables_[c]).fillna(self.prior_)
        return out

    def fit_transform(self, X, y):
        self.fit(X, y)
        y = np.asarray(y, float)
        out = X.drop(columns=list(self.cols))
        coded = {c: np.empty(len(X)) for c in self.cols}
        for a, b in KFold(self.folds, shuffle=True, random_state=0).split(X):
            prior = y[a].mean()
            ya = pd.Series(y[a], index=X.index[a])
            for c in self.cols:
                table = self._table(X[c].iloc[a], ya, prior)
                coded[c][b] = X[c].iloc[b].map(table).fillna(prior)
        return out.assign(**{c + "_te": v for c, v in coded.items()})


def build():
    return make_pipeline(FoldedMeans(), HistGradientBoostingClassifier(max_iter=200, early_stopping=False))
