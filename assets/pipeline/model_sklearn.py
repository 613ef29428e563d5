"""The model on scikit-learn: a linear one for few rows, boosted trees for more."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from data import Predictions, row_weights, time_parts
from settings import PipelineError, Settings

FRAMEWORK = "sklearn"
KINDS = ("linear", "boosting")
ROWS_FOR_EARLY_STOPPING = 10_000


class LogOfSkewed(TransformerMixin, BaseEstimator):
    """The logarithm of columns without negative values that have a long upper tail; others as they are."""

    def fit(self, frame: pd.DataFrame, _: object = None) -> "LogOfSkewed":
        low, middle, high = (frame.quantile(q) for q in (0.05, 0.5, 0.95))
        skewed = (frame.min() >= 0) & (middle > 0) & (high - middle > 4 * (middle - low))
        self.names_ = list(skewed.index[skewed])
        return self

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{name: np.log1p(frame[name].clip(lower=0)) for name in self.names_})


def preparation(settings: Settings, n_rows: int) -> ColumnTransformer:
    """Columns in, a matrix out. Everything that is learned from data is learned in `fit`."""
    columns, is_linear = settings["columns"], settings["model"]["kind"] == "linear"
    frequent = max(2, min(10, n_rows // 100))

    def scaled(first: TransformerMixin) -> object:
        if not is_linear:
            return first
        return make_pipeline(first, SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler())

    if is_linear:
        encode = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=frequent, max_categories=60)
    else:
        encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, min_frequency=frequent, max_categories=200)
    steps = [
        ("categories", encode, columns["categories"]),  # first: trees are told by place which columns these are
        ("numbers", scaled(LogOfSkewed() if is_linear else FunctionTransformer()), columns["numbers"]),
        ("times", scaled(FunctionTransformer(time_parts)), columns["times"]),
    ]
    for at, name in enumerate(columns["texts"]):
        words = [HashingVectorizer(n_features=2**12, ngram_range=(1, 2), alternate_sign=False), TfidfTransformer(sublinear_tf=True)]
        if not is_linear:
            words.append(TruncatedSVD(16, random_state=settings["model"]["seed"]))
        steps.append((f"text {at}", make_pipeline(*words), name))
    return ColumnTransformer([step for step in steps if step[2]], sparse_threshold=0.3 if is_linear else 0.0)


class Model:
    """Preparation and estimator together."""

    def __init__(self, settings: Settings, classes: list[str]) -> None:
        if settings["model"]["kind"] not in KINDS:
            raise PipelineError(f"model.kind is {settings['model']['kind']!r}; here it is one of {', '.join(KINDS)}")
        self.settings, self.classes = settings, classes
        self.rounds: int | None = None
        self.empty: np.ndarray | None = None

    def fit(
        self,
        features: pd.DataFrame,
        labels: np.ndarray,
        validation: tuple[pd.DataFrame, np.ndarray] | None = None,
        rounds: int | None = None,
        checkpoint: Path | None = None,
    ) -> "Model":
        """Learns. Trees stop early on the validation rows if rows are many, otherwise after `rounds`. No checkpoints."""
        self.prepare = preparation(self.settings, len(features))
        self.prepare.fit(self._filled(features))
        matrix = self._matrix(features)
        if self.settings["model"]["kind"] == "boosting":
            self.empty = np.isnan(matrix).all(axis=0)  # trees can't be grown on a column without any value
            matrix[:, self.empty] = 0.0
        self.estimator = self._estimator(len(features), rounds)
        weights, extra = row_weights(labels, self.settings), {}
        is_boosting = self.settings["model"]["kind"] == "boosting"
        if is_boosting and validation is not None and len(features) >= ROWS_FOR_EARLY_STOPPING:
            self.estimator.set_params(early_stopping=True, n_iter_no_change=self.settings["training"]["patience"])
            extra = {
                "X_val": self._matrix(validation[0]),
                "y_val": self._coded(validation[1]),
                "sample_weight_val": row_weights(validation[1], self.settings),
            }
        self.estimator.fit(matrix, self._coded(labels), sample_weight=weights, **extra)
        self.rounds = int(self.estimator.n_iter_) if is_boosting else None
        return self

    def _estimator(self, n_rows: int, rounds: int | None) -> BaseEstimator:
        settings = self.settings["model"]
        if settings["kind"] == "linear":
            if self.settings.is_classification:
                return LogisticRegression(C=1.0, max_iter=2000)
            return RidgeCV(alphas=np.logspace(-2, 3, 11))
        kind = HistGradientBoostingClassifier if self.settings.is_classification else HistGradientBoostingRegressor
        return kind(
            learning_rate=settings["learning_rate"],
            max_iter=rounds or settings["max_iter"],
            max_leaf_nodes=15,
            min_samples_leaf=min(20, max(1, n_rows // 20)),
            l2_regularization=1.0,
            categorical_features=list(range(len(self.settings["columns"]["categories"]))),
            early_stopping=False,
            random_state=settings["seed"],
        )

    def _filled(self, features: pd.DataFrame) -> pd.DataFrame:
        columns = self.settings["columns"]
        none = dict.fromkeys(columns["categories"], "(none)") | dict.fromkeys(columns["texts"], "")
        return features.fillna(none) if none else features

    def _matrix(self, features: pd.DataFrame) -> np.ndarray:
        matrix = self.prepare.transform(self._filled(features))
        if self.empty is not None:
            matrix[:, self.empty] = 0.0
        return matrix

    def _coded(self, labels: np.ndarray) -> np.ndarray:
        return pd.Index(self.classes).get_indexer(labels) if self.settings.is_classification else labels.astype("float64")

    def predict(self, features: pd.DataFrame) -> Predictions:
        matrix = self._matrix(features)
        if not self.settings.is_classification:
            return Predictions(self.estimator.predict(matrix))
        chances = np.zeros((len(features), len(self.classes)))
        chances[:, self.estimator.classes_] = self.estimator.predict_proba(matrix)
        return Predictions.of(chances, self.classes)

    def save(self, folder: Path) -> list[str]:
        """Writes the model and returns the names of its files."""
        joblib.dump({"prepare": self.prepare, "empty": self.empty, "estimator": self.estimator}, folder / "model.joblib", compress=3)
        return ["model.joblib"]

    @classmethod
    def load(cls, folder: Path, settings: Settings, classes: list[str]) -> "Model":
        """Reads a model. This unpickles, so the folder has to be one that you trust."""
        model = cls(settings, classes)
        model.__dict__.update(joblib.load(folder / "model.joblib"))
        return model
