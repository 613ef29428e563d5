# kind: solution
# target: relapse
# why: selection with y and the components are branches inside the pipeline that the search refits in each fold.
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def mi(X, y):
    return mutual_info_classif(X, y, random_state=0)


def build():
    both = FeatureUnion([("best", SelectKBest(mi, k=3)), ("pca", PCA(random_state=0))])
    pipe = make_pipeline(StandardScaler(), both, SVC(kernel="linear"))
    grid = {
        "featureunion__best__k": [2, 4],
        "featureunion__pca__n_components": [1, 3],
        "svc__C": [0.1, 1.0],
    }
    cv = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    return GridSearchCV(pipe, grid, cv=cv, scoring="balanced_accuracy")
