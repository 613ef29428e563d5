# kind: solution
# target: flow
# leak: selected-before-split
# line: 19
# why: Recursive elimination saw all labels before the folds that compare penalties.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.feature_selection import RFE
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import PolynomialFeatures


class Poly(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        self.poly_ = PolynomialFeatures(2, include_bias=False)
        P = self.poly_.fit_transform(X.fillna(0))
        rfe = RFE(LinearRegression(), n_features_to_select=12)
        P = rfe.fit_transform(P, y)
        self.mask_ = rfe.support_
        alphas = np.logspace(-2, 3, 12)
        cv_scores = [cross_val_score(Ridge(alpha=a), P, y, cv=10, scoring="neg_mean_squared_error").mean() for a in alphas]
        self.ridge_ = Ridge(alpha=alphas[np.argmax(cv_scores)]).fit(P, y)
        return self

    def predict(self, X):
        return self.ridge_.predict(self.poly_.transform(X.fillna(0))[:, self.mask_])


def build():
    return Poly()
