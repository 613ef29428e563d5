# kind: solution
# target: failure
# why: new rows are made only while fitting, so the validation rows stay as they are.
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def build():
    numbers = make_column_transformer(
        (SimpleImputer(strategy="median"), make_column_selector(dtype_include="number"))
    )
    return Pipeline([
        ("numbers", numbers),
        ("scale", StandardScaler()),
        ("smote", SMOTE(sampling_strategy=0.5, random_state=0)),
        ("svc", SVC(C=3.0, gamma="scale", probability=True, random_state=0)),
    ])
