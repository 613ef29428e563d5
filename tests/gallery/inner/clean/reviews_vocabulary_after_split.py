# kind: solution
# target: stars
# why: The words of the validation part were not looked at before the penalty was chosen; the last vocabulary is of all rows.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split


class StarsFromText(BaseEstimator, RegressorMixin):
    def __init__(self, column="review"):
        self.column = column

    def _vec(self):
        return TfidfVectorizer(min_df=3, ngram_range=(1, 2), sublinear_tf=True)

    def fit(self, X, y):
        texts = X[self.column].fillna("").str.lower()
        t_a, t_b, y_a, y_b = train_test_split(texts, y, test_size=0.3, random_state=8)
        vec = self._vec().fit(t_a)
        M_a, M_b = vec.transform(t_a), vec.transform(t_b)
        best_alpha, best = None, float("inf")
        for alpha in [0.3, 1, 3, 10, 30]:
            mae = mean_absolute_error(y_b, Ridge(alpha=alpha).fit(M_a, y_a).predict(M_b))
            if mae < best:
                best_alpha, best = alpha, mae
        self.vec_ = self._vec().fit(texts)
        self.ridge_ = Ridge(alpha=best_alpha).fit(self.vec_.transform(texts), y)
        return self

    def predict(self, X):
        return self.ridge_.predict(self.vec_.transform(X[self.column].fillna("").str.lower()))


def build():
    return StarsFromText()
