# kind: solution
# target: digit
# why: 255, 0.1307 and 0.3081 are constants written down in the code, nothing is learnt from rows.
import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

MEAN, STD = 0.1307, 0.3081


def normalise(X):
    scaled = np.asarray(X, dtype=np.float32) / 255.0
    return (scaled - MEAN) / STD


def build():
    return Pipeline([
        ("normalise", FunctionTransformer(normalise)),
        ("net", MLPClassifier((64,), early_stopping=True, validation_fraction=0.1, random_state=0, max_iter=60)),
    ])
