# kind: solution
# target: defect
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

SEED = 404


def build():
    numeric = make_column_selector(dtype_include="number")
    keep_numbers = ColumnTransformer([("fill", SimpleImputer(strategy="mean"), numeric)])
    return Pipeline(steps=[
        ("numbers", keep_numbers),
        ("scale", StandardScaler()),
        ("pca", PCA(n_components=0.95, random_state=SEED)),
        ("over", SMOTE(sampling_strategy=0.4, random_state=SEED)),
        ("under", RandomUnderSampler(sampling_strategy=0.7, random_state=SEED)),
        ("svc", SVC(C=3.0, gamma="scale", class_weight=None)),
    ])
