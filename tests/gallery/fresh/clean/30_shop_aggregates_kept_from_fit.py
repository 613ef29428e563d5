# kind: solution
# target: used_coupon
# why: means and deviations per shop are of an input column, learnt in fit, merged in transform, with the overall ones for new shops.
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class RelativeToShop(TransformerMixin, BaseEstimator):
    def __init__(self, key="shop", value="basket"):
        self.key = key
        self.value = value

    def fit(self, X, y=None):
        self.stats_ = X.groupby(self.key)[self.value].agg(shop_mean="mean", shop_std="std").reset_index()
        self.overall_ = {"shop_mean": X[self.value].mean(), "shop_std": X[self.value].std()}
        return self

    def transform(self, X):
        merged = X.merge(self.stats_, on=self.key, how="left").set_axis(X.index, axis=0)
        merged = merged.fillna(self.overall_)
        z = (merged[self.value] - merged["shop_mean"]) / (merged["shop_std"] + 1e-6)
        return pd.DataFrame({"z": z, "basket": merged[self.value], "items": merged["items"]})


def build():
    return make_pipeline(RelativeToShop(), StandardScaler(), LogisticRegression(max_iter=1000))
