# kind: solution
# target: clicked
# why: inside the pipeline the target encoder is called with fit_transform, which cross-fits the training rows.
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, TargetEncoder

HIGH_CARD = ["site_id", "app_id", "device_model", "publisher"]
LOW_CARD = ["banner_pos", "connection"]
NUMBERS = ["hour", "n_seen_today"]


def build():
    low = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer(
        (TargetEncoder(smooth="auto", cv=5, random_state=0), HIGH_CARD),
        (low, LOW_CARD),
        ("passthrough", NUMBERS),
        verbose_feature_names_out=False,
    )
    gbm = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=400,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return make_pipeline(columns, gbm)
