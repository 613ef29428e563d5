# kind: solution
# target: monthly_spend
# suspects: invoice_total
# leak: target-among-features
# line: 22
# why: the invoice is the monthly spend plus tax, so the answer is computed from the answer.
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class SpendFeatures(BaseEstimator, TransformerMixin):
    def __init__(self, vat=0.19):
        self.vat = vat

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        out = X[["age", "visits", "basket_items"]].fillna(0).astype(float)
        out["net"] = X["invoice_total"] / (1 + self.vat)
        out["items_per_visit"] = out["basket_items"] / (out["visits"] + 1)
        return out


def build():
    return make_pipeline(SpendFeatures(), StandardScaler(), RidgeCV(alphas=[0.1, 1, 10]))
