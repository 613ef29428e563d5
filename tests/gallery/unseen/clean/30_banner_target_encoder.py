# kind: solution
# target: clicked
# why: TargetEncoder of scikit-learn crosses the training rows itself and is fitted inside the fold.
from lightgbm import LGBMClassifier
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import TargetEncoder

KEYS = ["advertiser", "site", "device_model", "region"]
NUMBERS = ["hour", "banner_pos", "width", "height"]


def build():
    encode = make_column_transformer(
        (TargetEncoder(smooth="auto", cv=5, random_state=0), KEYS),
        ("passthrough", NUMBERS),
    )
    encode.set_output(transform="pandas")
    return make_pipeline(encode, LGBMClassifier(n_estimators=200, num_leaves=31, verbosity=-1))
