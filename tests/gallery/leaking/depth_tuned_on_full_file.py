# kind: solution
# target: bike_count
# leak: tuned-on-test
# line: 23
# why: depth and learning rate are searched over the complete file, the validation rows of every fold included.
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

INPUTS = ["temp", "humidity", "wind", "hour", "holiday"]


def only_inputs(X):
    return X[INPUTS].fillna(0)


def build():
    data = pd.read_csv("bike.csv")
    space = {"max_depth": [2, 3, 4, 6], "learning_rate": [0.02, 0.05, 0.1, 0.2]}
    search = RandomizedSearchCV(GradientBoostingRegressor(), space, n_iter=10, cv=3, random_state=0)
    search.fit(only_inputs(data), data["bike_count"])
    best = GradientBoostingRegressor(**search.best_params_)
    return make_pipeline(FunctionTransformer(only_inputs), best)
