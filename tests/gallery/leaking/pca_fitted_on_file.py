# kind: solution
# target: activity
# leak: outside-fold
# line: 18
# why: the components are computed from the complete file and then used in every fold.
import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def build():
    har = pd.read_csv("har.csv")
    signal_cols = [c for c in har.columns if c.startswith(("acc_", "gyro_"))]
    pca = PCA(n_components=0.95, svd_solver="full")
    pca.fit(har[signal_cols].to_numpy(np.float32))

    def project(X):
        return pca.transform(X[signal_cols].to_numpy(np.float32))

    return make_pipeline(FunctionTransformer(project), LogisticRegression(max_iter=3000))
