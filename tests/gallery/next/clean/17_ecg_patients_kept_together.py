# kind: solution
# target: arrhythmia
# group: patient_id
# split: group
# why: the inner search keeps all beats of a patient on one side, and the number of the patient is no feature.
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


class BeatClassifier(BaseEstimator, ClassifierMixin):
    def __init__(self, id_column="patient_id", folds=5):
        self.id_column = id_column
        self.folds = folds

    def _wave(self, X):
        return X.drop(columns=[self.id_column]).to_numpy(dtype="float32")

    def fit(self, X, y):
        pipe = Pipeline([
            ("std", StandardScaler()),
            ("pca", PCA(0.98, svd_solver="full")),
            ("svc", SVC(class_weight="balanced", cache_size=1000)),
        ])
        self.search_ = GridSearchCV(
            pipe,
            {"svc__C": [0.5, 2, 8, 32], "svc__gamma": ["scale", 1e-3, 1e-2]},
            scoring="f1_macro",
            cv=StratifiedGroupKFold(self.folds, shuffle=True, random_state=2),
            n_jobs=-1,
        )
        self.search_.fit(self._wave(X), y, groups=X[self.id_column].to_numpy())
        self.classes_ = self.search_.classes_
        return self

    def predict(self, X):
        return self.search_.predict(self._wave(X))


def build():
    return BeatClassifier()
