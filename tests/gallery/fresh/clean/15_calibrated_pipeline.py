# kind: solution
# target: bought
# why: CalibratedClassifierCV refits the whole pipeline in each of its folds and calibrates on the rows left out.
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_selector as selector
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer


RARE = 5  # categories with fewer rows share one column


def build():
    """Probabilities feed a bidding rule, so they have to be calibrated."""
    prep = make_column_transformer(
        (QuantileTransformer(n_quantiles=50), selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE), ["device"]),
    )
    base = make_pipeline(prep, GradientBoostingClassifier(n_estimators=80))
    return CalibratedClassifierCV(base, method="isotonic", cv=5)
