# kind: solution
# target: protein
# leak: fit-before-split
# line: 14
# why: LassoCV chooses its penalty by folds of spectra that were centred and scaled with all spectra.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LassoCV
from sklearn.preprocessing import StandardScaler


class WheatLasso(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        spectra = X.filter(like="nm_").to_numpy()
        self.scaler = StandardScaler().fit(spectra)
        self.model = LassoCV(cv=10, n_alphas=50, max_iter=50_000, random_state=0)
        self.model.fit(self.scaler.transform(spectra), y)
        return self

    def predict(self, X):
        return self.model.predict(self.scaler.transform(X.filter(like="nm_").to_numpy()))


def build():
    return WheatLasso()
