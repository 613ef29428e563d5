# kind: solution
# target: premium
# why: Categories become columns and gaps become a constant, which learns nothing that the inner folds could miss.
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import RandomizedSearchCV
from sklearn.preprocessing import OneHotEncoder

CATEGORIES = ["fuel", "body"]


class Premium(BaseEstimator, RegressorMixin):
    def fit(self, X, y):
        self.hot_ = OneHotEncoder(
            categories=[["petrol", "diesel", "electric"], ["estate", "saloon", "van"]],
            handle_unknown="ignore", sparse_output=False,
        ).set_output(transform="pandas")
        hot = self.hot_.fit_transform(X[CATEGORIES].fillna("other"))
        Z = pd.concat([X[["power", "age"]].fillna(-1), hot], axis=1)
        space = {"max_depth": [4, 8, None], "min_samples_leaf": [1, 5, 25]}
        self.rs_ = RandomizedSearchCV(RandomForestRegressor(200), space, n_iter=6, cv=5, random_state=0).fit(Z, y)
        return self

    def predict(self, X):
        hot = self.hot_.transform(X[CATEGORIES].fillna("other"))
        return self.rs_.predict(pd.concat([X[["power", "age"]].fillna(-1), hot], axis=1))


def build():
    return Premium()
