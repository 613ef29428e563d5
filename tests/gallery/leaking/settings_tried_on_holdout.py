# kind: solution
# target: price
# leak: reads-holdout
# line: 16
# why: the strength of the penalty is chosen by the error on the holdout.
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Lasso
from sklearn.metrics import mean_absolute_error


class TunedLasso(RegressorMixin, BaseEstimator):
    cols = ["carat", "depth", "table", "x", "y", "z"]

    def fit(self, X, y):
        check = pd.read_parquet("data/holdout.parquet")
        best = None
        for alpha in (0.1, 1.0, 10.0, 100.0):
            m = Lasso(alpha=alpha).fit(X[self.cols], y)
            err = mean_absolute_error(check["price"], m.predict(check[self.cols]))
            if best is None or err < best[0]:
                best = (err, m)
        self.model_ = best[1]
        return self

    def predict(self, X):
        return self.model_.predict(X[self.cols])


def build():
    return TunedLasso()
