# kind: solution
# target: clicked
# why: the encoder is fitted with the training rows and crosses them on its own.
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, TargetEncoder

HIGH = ["publisher", "creative", "device_model"]
LOW = ["hour", "banner_pos", "connection"]


def build():
    return Pipeline([
        ("encode", ColumnTransformer([
            ("rate", TargetEncoder(smooth=50.0, random_state=7), HIGH),
            ("dummy", OneHotEncoder(handle_unknown="ignore"), LOW),
        ])),
        ("lr", LogisticRegression(C=1.0, max_iter=2000)),
    ])
