# kind: solution
# target: contaminated
# leak: outside-fold
# line: 30
# why: the components are fitted when predicting, on the training rows and the rows to be predicted together.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier


class SpectraKNN(ClassifierMixin, BaseEstimator):
    def __init__(self, n_components=4, k=7):
        self.n_components = n_components
        self.k = k

    @staticmethod
    def _bands(X):
        return X.filter(like="band_").to_numpy(dtype=np.float64)

    def fit(self, X, y):
        self.train_ = self._bands(X)
        self.y_ = np.asarray(y)
        self.classes_ = np.unique(self.y_)
        return self

    def _answer(self, X):
        new = self._bands(X)
        both = np.vstack([self.train_, new])
        scores = PCA(self.n_components, random_state=0).fit_transform(both)
        n = len(self.train_)
        knn = KNeighborsClassifier(self.k, weights="distance").fit(scores[:n], self.y_)
        return knn, scores[n:]

    def predict(self, X):
        knn, Z = self._answer(X)
        return knn.predict(Z)

    def predict_proba(self, X):
        knn, Z = self._answer(X)
        return knn.predict_proba(Z)


def build():
    return SpectraKNN()
