# kind: solution
# target: species
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from sklearn.ensemble import StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SETTINGS = {
    "cb": dict(iterations=300, depth=5, verbose=0, allow_writing_files=False),
    "lgb": dict(n_estimators=200, num_leaves=12, verbose=-1),
}


def build():
    members = [
        ("cb", CatBoostClassifier(**SETTINGS["cb"])),
        ("lgb", LGBMClassifier(**SETTINGS["lgb"])),
        ("knn", make_pipeline(SimpleImputer(), StandardScaler(), KNeighborsClassifier(15))),
    ]
    inner = StratifiedKFold(n_splits=5, shuffle=True, random_state=31)
    return StackingClassifier(members, final_estimator=LogisticRegression(C=0.5), cv=inner)
