# kind: solution
# target: term_deposit
# why: scaler and imputer are steps of the pipeline, the search refits them in each inner fold.
import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def build():
    pipe = Pipeline([
        ("impute", SimpleImputer(strategy="median")),
        ("scale", StandardScaler()),
        ("clf", LogisticRegression(max_iter=2000)),
    ])
    return GridSearchCV(
        pipe,
        {"clf__C": np.logspace(-3, 2, 8), "impute__strategy": ["median", "mean"]},
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
        scoring="roc_auc",
    )
