# kind: script
# target: moisture
# leak: fit-before-split
# line: 27
# why: The principal components are computed on all spectra, so every fold's test spectra shaped them.
import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import KFold


class SpectraExperiment:
    def __init__(self, path, n_components=12):
        self.path = path
        self.n_components = n_components

    def read(self):
        table = pd.read_csv(self.path)
        self.y = table.pop("moisture").to_numpy()
        self.X = table.filter(like="nm_").to_numpy()
        return self

    def reduce(self):
        self.pca = PCA(n_components=self.n_components, random_state=1)
        self.X = self.pca.fit_transform(self.X)
        return self

    def evaluate(self, folds=10):
        errors = []
        for tr, te in KFold(folds, shuffle=True, random_state=1).split(self.X):
            model = Ridge(alpha=0.1).fit(self.X[tr], self.y[tr])
            errors.append(mean_squared_error(self.y[te], model.predict(self.X[te])) ** 0.5)
        return np.array(errors)


if __name__ == "__main__":
    rmse = SpectraExperiment("corn_nir.csv").read().reduce().evaluate()
    print("RMSECV %.4f +- %.4f" % (rmse.mean(), rmse.std()))
