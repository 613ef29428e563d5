# kind: script
# target: fat
# why: Components and scaling are computed anew from the training part of every fold.
import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import RepeatedKFold


class PrincipalComponentRegression:
    def __init__(self, n_components):
        self.pca = PCA(n_components=n_components)
        self.ols = LinearRegression()

    def fit(self, X, y):
        self.mean = X.mean(axis=0)
        self.std = X.std(axis=0)
        scores = self.pca.fit_transform((X - self.mean) / self.std)
        self.ols.fit(scores, y)
        return self

    def predict(self, X):
        return self.ols.predict(self.pca.transform((X - self.mean) / self.std))


def rmsecv(X, y, n_components=15):
    squares = []
    folds = RepeatedKFold(n_splits=5, n_repeats=4, random_state=1)
    for tr, te in folds.split(X):
        pcr = PrincipalComponentRegression(n_components).fit(X[tr], y[tr])
        squares.extend((pcr.predict(X[te]) - y[te]) ** 2)
    return np.sqrt(np.mean(squares))


if __name__ == "__main__":
    milk = pd.read_csv("milk_nir.csv")
    fat = milk.pop("fat").to_numpy()
    print("RMSECV", rmsecv(milk.filter(like="nm_").to_numpy(), fat))
