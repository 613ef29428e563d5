# kind: solution
# target: rent
# why: The training score is only shown; the depth was chosen by cross-validation.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeRegressor


class Tree(RegressorMixin, BaseEstimator):
    depths = (2, 4, 6, 8, 12, 16)

    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(0)
        means = [cross_val_score(DecisionTreeRegressor(max_depth=d, random_state=0), X, y, cv=5).mean() for d in self.depths]
        self.model_ = DecisionTreeRegressor(max_depth=self.depths[int(np.argmax(means))], random_state=0).fit(X, y)
        self.training_r2_ = self.model_.score(X, y)
        print(f"R² of training rows: {self.training_r2_:.3f}, cross-validated: {max(means):.3f}")
        return self

    def predict(self, X):
        return self.model_.predict(X.select_dtypes("number").fillna(0))


def build():
    return Tree()
