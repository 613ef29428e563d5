# kind: solution
# target: octane
# leak: selected-before-split
# line: 19
# why: The wavelengths are ranked by their dependence on octane over the complete file, validation rows included.
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.feature_selection import mutual_info_regression
from sklearn.pipeline import Pipeline

N_KEEP = 60


def strongest(path="data/nir.csv"):
    nir = pd.read_csv(path)
    waves = nir.filter(regex=r"^w\d+$")
    score = mutual_info_regression(waves, nir["octane"], random_state=0)
    order = np.argsort(score)[::-1]
    return list(waves.columns[order[:N_KEEP]])


KEEP = strongest()


def build():
    pick = ColumnTransformer([("waves", "passthrough", KEEP)], remainder="drop")
    return Pipeline([("pick", pick), ("pls", PLSRegression(n_components=6))])
