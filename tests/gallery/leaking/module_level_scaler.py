# kind: solution
# target: quality
# leak: outside-fold
# line: 14
# why: the scaler is fitted on the file when the module is loaded, outside of every fold.
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

COLS = ["acidity", "sugar", "chlorides", "density", "ph", "alcohol"]

_all = pd.read_csv("wine.csv")
scaler = StandardScaler().fit(_all[COLS])


def scaled(X):
    return scaler.transform(X[COLS])


def build():
    return make_pipeline(FunctionTransformer(scaled), Ridge(alpha=0.5))
