# kind: solution
# target: rent
# leak: train-score
# line: 19
# why: The depth with the best score on the rows that each tree was fitted on wins, which is the deepest.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.tree import DecisionTreeRegressor


class DeepTree(RegressorMixin, BaseEstimator):
    depths = (2, 4, 6, 8, 12, 16)

    def fit(self, X, y):
        X = X.select_dtypes("number").fillna(0)
        best_score, best_model = float("-inf"), None
        for depth in self.depths:
            model = DecisionTreeRegressor(max_depth=depth, random_state=0)
            model.fit(X, y)
            score = model.score(X, y)
            if score > best_score:
                best_score, best_model = score, model
        self.model_ = best_model
        return self

    def predict(self, X):
        return self.model_.predict(X.select_dtypes("number").fillna(0))


def build():
    return DeepTree()
