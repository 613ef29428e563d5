# kind: solution
# target: activity
# why: the file next to the module holds settings, no rows of data.
import json
from pathlib import Path

from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

DEFAULTS = {"components": 0.95, "C": 1.0, "prefixes": ["acc_", "gyro_"]}


def settings():
    path = Path(__file__).with_name("settings.json")
    if path.exists():
        return {**DEFAULTS, **json.loads(path.read_text())}
    return DEFAULTS


def build():
    cfg = settings()
    pattern = "^(" + "|".join(cfg["prefixes"]) + ")"
    return make_pipeline(
        make_column_transformer((StandardScaler(), make_column_selector(pattern=pattern))),
        PCA(n_components=cfg["components"], svd_solver="full"),
        LogisticRegression(C=cfg["C"], max_iter=3000),
    )
