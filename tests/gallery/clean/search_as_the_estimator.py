# kind: solution
# target: bike_count
# why: the search is the estimator itself, so it only ever sees the training part of a fold.
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

INPUTS = ["temp", "humidity", "wind", "hour", "holiday"]


def only_inputs(X):
    return X[INPUTS].fillna(0)


def build():
    pipe = Pipeline([
        ("inputs", FunctionTransformer(only_inputs)),
        ("gb", GradientBoostingRegressor(random_state=0)),
    ])
    space = {
        "gb__max_depth": [2, 3, 4, 6],
        "gb__learning_rate": [0.02, 0.05, 0.1, 0.2],
        "gb__n_estimators": [100, 300, 600],
    }
    return RandomizedSearchCV(pipe, space, n_iter=10, cv=3, random_state=0)
