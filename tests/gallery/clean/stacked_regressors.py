# kind: solution
# target: strength
# why: the second level learns from out-of-fold predictions of the training rows.
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, StackingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def build():
    level_one = [
        ("trees", ExtraTreesRegressor(n_estimators=300, random_state=0)),
        ("boost", GradientBoostingRegressor(n_estimators=300, random_state=0)),
        ("near", make_pipeline(StandardScaler(), KNeighborsRegressor(n_neighbors=7))),
    ]
    stack = StackingRegressor(level_one, final_estimator=RidgeCV(), cv=5, n_jobs=-1)
    return make_pipeline(SimpleImputer(strategy="mean"), stack)
