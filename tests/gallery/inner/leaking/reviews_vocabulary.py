# kind: solution
# target: stars
# leak: fit-before-split
# line: 20
# why: Words and their weights come from all reviews before the validation part for the penalty is split off.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split


class StarsFromText(BaseEstimator, RegressorMixin):
    def __init__(self, column="review"):
        self.column = column

    def fit(self, X, y):
        texts = X[self.column].fillna("").str.lower()
        self.vec_ = TfidfVectorizer(min_df=3, ngram_range=(1, 2), sublinear_tf=True)
        M = self.vec_.fit_transform(texts)
        M_a, M_b, y_a, y_b = train_test_split(M, y, test_size=0.3, random_state=8)
        best_alpha, best = None, float("inf")
        for alpha in [0.3, 1, 3, 10, 30]:
            mae = mean_absolute_error(y_b, Ridge(alpha=alpha).fit(M_a, y_a).predict(M_b))
            if mae < best:
                best_alpha, best = alpha, mae
        self.ridge_ = Ridge(alpha=best_alpha).fit(M, y)
        return self

    def predict(self, X):
        return self.ridge_.predict(self.vec_.transform(X[self.column].fillna("").str.lower()))


def build():
    return StarsFromText()
