# kind: solution
# target: churn
# why: selection and scaling are steps of the pipeline that the grid search cross-validates.
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

GRID = {
    "kbest__k": [5, 10, 20, "all"],
    "lr__C": [0.01, 0.1, 1, 10],
    "lr__penalty": ["l1", "l2"],
}


def build():
    numbers = ColumnTransformer(
        [("num", SimpleImputer(strategy="mean"), make_column_selector(dtype_include="number"))],
        remainder="drop",
    )
    pipe = Pipeline([
        ("numbers", numbers),
        ("scale", StandardScaler()),
        ("kbest", SelectKBest(mutual_info_classif)),
        ("lr", LogisticRegression(max_iter=5000, solver="liblinear")),
    ])
    cv = StratifiedKFold(5, shuffle=True, random_state=0)
    return GridSearchCV(pipe, GRID, cv=cv, scoring="roc_auc", n_jobs=-1)
