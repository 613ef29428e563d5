# kind: solution
# target: units
# why: the usual price of each store is learned in fit from the training rows and the target is not used for it.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import PoissonRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


class StoreLevel(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.price_ = X.groupby("store_id")["price"].median()
        self.overall_ = X["price"].median()
        return self

    def transform(self, X):
        level = X["store_id"].map(self.price_).fillna(self.overall_)
        return pd.DataFrame({
            "price": X["price"].fillna(self.overall_),
            "rel_price": X["price"].fillna(self.overall_) / level,
            "promo": X["promo"].fillna(0),
            "dow": X["dow"],
        })


def build():
    return Pipeline([("level", StoreLevel()), ("scale", StandardScaler()),
                     ("glm", PoissonRegressor(alpha=1e-3, max_iter=1000))])
