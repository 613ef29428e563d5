# kind: script
# target: heating_load
# leak: fit-before-split
# line: 17
# why: minimum and maximum of every column are taken over all buildings before any are held back.
import numpy as np
import pandas as pd
from sklearn.metrics import r2_score
from sklearn.neighbors import KNeighborsRegressor

rng = np.random.default_rng(2024)

bld = pd.read_csv("energy_efficiency.csv")
y = bld.pop("heating_load").to_numpy()

# bring everything to [0, 1]
bld = (bld - bld.min()) / (bld.max() - bld.min())
X = bld.to_numpy()

idx = rng.permutation(len(X))
cut = int(0.8 * len(X))
tr, te = idx[:cut], idx[cut:]

for k in [5]:
    knn = KNeighborsRegressor(n_neighbors=k, weights="distance")
    knn.fit(X[tr], y[tr])
    print(k, r2_score(y[te], knn.predict(X[te])))
