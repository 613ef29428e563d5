"""The model on TensorFlow: a small Keras network with early stopping and checkpoints."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # has to stand before the import
import tensorflow
from tensorflow import keras

from data import Predictions, row_weights
from features import Encoder
from settings import PipelineError, Settings, log

FRAMEWORK = "tensorflow"
KINDS = ("mlp",)
HIDDEN = (128, 64)


def network(n_inputs: int, n_outputs: int) -> keras.Model:
    layers: list[keras.layers.Layer] = [keras.Input((n_inputs,))]
    for width in HIDDEN:
        layers += [keras.layers.Dense(width, activation="relu"), keras.layers.Dropout(0.15)]
    return keras.Sequential([*layers, keras.layers.Dense(n_outputs)])


class Model:
    """Preparation and network together."""

    def __init__(self, settings: Settings, classes: list[str]) -> None:
        if settings["model"]["kind"] not in KINDS:
            raise PipelineError(f"model.kind is {settings['model']['kind']!r}; here it is one of {', '.join(KINDS)}")
        self.settings, self.classes = settings, classes
        self.rounds: int | None = None
        self.encoder = Encoder(settings["columns"])
        self.centre, self.width = 0.0, 1.0  # of a target that is a number

    def fit(
        self,
        features: pd.DataFrame,
        labels: np.ndarray,
        validation: tuple[pd.DataFrame, np.ndarray] | None = None,
        rounds: int | None = None,
        checkpoint: Path | None = None,
    ) -> "Model":
        """Learns until the validation rows get no better, or for so many rounds.

        Goes on from a checkpoint if there is one; patience then counts anew and the order of the rows is another.
        """
        training = self.settings["training"]
        keras.backend.clear_session()
        keras.utils.set_random_seed(self.settings["model"]["seed"])
        tensorflow.config.experimental.enable_op_determinism()
        inputs = self.encoder.fit(features).transform(features)
        if not self.classes:
            self.centre, self.width = float(labels.mean()), float(labels.std()) or 1.0
        self.net = network(inputs.shape[1], len(self.classes) or 1)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if self.classes else keras.losses.MeanSquaredError()
        self.net.compile(keras.optimizers.AdamW(self.settings["model"]["learning_rate"], weight_decay=1e-3), loss)
        calls: list[keras.callbacks.Callback] = []
        held, stop = None, None
        if validation is not None:
            held = (self.encoder.transform(validation[0]), self._coded(validation[1]), self._weights(validation[1]))
            stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=training["patience"], restore_best_weights=True)
            calls.append(stop)
        if checkpoint:
            checkpoint.mkdir(parents=True, exist_ok=True)
            calls.append(keras.callbacks.BackupAndRestore(checkpoint))
        history = self.net.fit(
            inputs,
            self._coded(labels),
            sample_weight=self._weights(labels),
            validation_data=held,
            epochs=rounds or training["max_epochs"],
            batch_size=min(training["batch_size"], max(8, len(inputs) // 20)),
            callbacks=calls,
            verbose=0,
        ).history
        if stop:
            log.debug("best validation loss %.5f after epoch %d", stop.best, stop.best_epoch + 1)
            log.debug("validation losses: %s", [round(value, 4) for value in history.get("val_loss", [])])
        self.rounds = stop.best_epoch + 1 if stop else rounds
        return self

    def _weights(self, labels: np.ndarray) -> np.ndarray:
        return row_weights(labels, self.settings).astype("float32")

    def _coded(self, labels: np.ndarray) -> np.ndarray:
        if self.classes:
            return pd.Index(self.classes).get_indexer(labels).astype("int32")
        return ((labels.astype("float64") - self.centre) / self.width).astype("float32")

    def predict(self, features: pd.DataFrame) -> Predictions:
        said = self.net(self.encoder.transform(features), training=False).numpy().astype("float64")
        if not self.classes:
            return Predictions(said[:, 0] * self.width + self.centre)
        odds = np.exp(said - said.max(axis=1, keepdims=True))
        return Predictions.of(odds / odds.sum(axis=1, keepdims=True), self.classes)

    def save(self, folder: Path) -> list[str]:
        """Writes the model and returns the names of its files."""
        np.savez(folder / "model.npz", *self.net.get_weights())
        told = {"encoder": self.encoder.state, "centre": self.centre, "width": self.width, "n_inputs": self.net.input_shape[1]}
        (folder / "model.json").write_text(json.dumps(told), encoding="utf-8")
        return ["model.npz", "model.json"]

    @classmethod
    def load(cls, folder: Path, settings: Settings, classes: list[str]) -> "Model":
        """Reads a model; only numbers and JSON, no code."""
        model, told = cls(settings, classes), json.loads((folder / "model.json").read_text(encoding="utf-8"))
        model.encoder, model.centre, model.width = Encoder(settings["columns"], told["encoder"]), told["centre"], told["width"]
        model.net = network(told["n_inputs"], len(classes) or 1)
        with np.load(folder / "model.npz", allow_pickle=False) as weights:
            model.net.set_weights([weights[f"arr_{at}"] for at in range(len(weights.files))])
        return model
