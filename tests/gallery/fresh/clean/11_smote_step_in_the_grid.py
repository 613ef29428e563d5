# kind: solution
# target: bankrupt
# why: the imblearn pipeline resamples only the fitted part of each inner fold.
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import RobustScaler
from sklearn.svm import SVC

# one bankrupt firm in thirty, so the rare class is filled up ...
# ... but only where the model learns, never where it is scored


def build():
    steps = [
        ("scale", RobustScaler()),
        ("smote", SMOTE(k_neighbors=3, random_state=13)),
        ("svc", SVC(probability=True)),
    ]
    grid = {"svc__C": [0.3, 1, 3], "smote__k_neighbors": [3, 5]}
    return GridSearchCV(Pipeline(steps), grid, cv=3, scoring="average_precision")
