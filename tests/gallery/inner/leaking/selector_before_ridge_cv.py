# kind: solution
# target: toxicity
# leak: selected-before-split
# line: 13
# why: Descriptors are selected with all labels in front of the model that cross-validates its penalty.
from sklearn.feature_selection import SelectPercentile, f_regression
from sklearn.linear_model import LassoCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def build():
    return make_pipeline(
        StandardScaler(),
        SelectPercentile(f_regression, percentile=5),
        LassoCV(cv=5, max_iter=30000),
    )
