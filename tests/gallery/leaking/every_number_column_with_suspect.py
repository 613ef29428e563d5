# kind: solution
# target: died
# suspects: autopsy_done
# leak: target-among-features
# line: 15
# why: all number columns go in, also the one that is known only after a death.
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline


def build():
    prep = make_column_transformer(
        (SimpleImputer(strategy="median"), make_column_selector(dtype_include="number")),
        remainder="drop",
    )
    forest = RandomForestClassifier(n_estimators=400, min_samples_leaf=4, n_jobs=-1, random_state=0)
    return make_pipeline(prep, forest)
