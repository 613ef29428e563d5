# kind: script
# target: heating_load
# why: minimum and range are those of the training buildings.
import numpy as np
import pandas as pd
from sklearn.metrics import r2_score
from sklearn.neighbors import KNeighborsRegressor

rng = np.random.default_rng(2024)

bld = pd.read_csv("energy_efficiency.csv")
y = bld.pop("heating_load").to_numpy()
X = bld.to_numpy(dtype=float)

idx = rng.permutation(len(X))
cut = int(0.8 * len(X))
tr, te = idx[:cut], idx[cut:]

lo = X[tr].min(axis=0)
span = np.where(np.ptp(X[tr], axis=0) == 0, 1, np.ptp(X[tr], axis=0))
X_tr = (X[tr] - lo) / span
X_te = (X[te] - lo) / span

knn = KNeighborsRegressor(n_neighbors=5, weights="distance")
knn.fit(X_tr, y[tr])
print(r2_score(y[te], knn.predict(X_te)))
