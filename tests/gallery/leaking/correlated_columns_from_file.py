# kind: solution
# target: strength
# leak: selected-before-split
# line: 14
# why: the columns are picked by their correlation with the target over the whole file.
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

concrete = pd.read_csv("concrete.csv")
_r = concrete.corr(numeric_only=True)["strength"].drop("strength").abs()
KEEP = _r[_r > 0.15].index.tolist()


def build():
    pick = ColumnTransformer([("keep", StandardScaler(), KEEP)], remainder="drop")
    gp = GaussianProcessRegressor(RBF(1.0) + WhiteKernel(1.0), normalize_y=True)
    return make_pipeline(pick, gp)
