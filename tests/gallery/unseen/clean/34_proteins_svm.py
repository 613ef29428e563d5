# kind: solution
# target: disease
# why: Proteins are chosen within the folds of the search, for the choice is a step of the searched pipeline.
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC


def proteins(X):
    return X.filter(regex="^prot_")


def build():
    pipe = Pipeline([
        ("columns", FunctionTransformer(proteins)),
        ("fill", SimpleImputer(strategy="constant", fill_value=0.0)),
        ("select", SelectKBest(mutual_info_classif)),
        ("scale", StandardScaler()),
        ("svc", SVC(class_weight="balanced")),
    ])
    grid = {"select__k": [10, 30, 100], "svc__C": [0.1, 1, 10], "svc__gamma": ["scale", 0.01]}
    return GridSearchCV(pipe, grid, cv=5, scoring="balanced_accuracy", n_jobs=-1)
