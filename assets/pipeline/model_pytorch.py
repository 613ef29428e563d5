"""The model on PyTorch: a small network with early stopping and checkpoints."""

import json
import random
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from data import Predictions, row_weights
from features import Encoder
from settings import PipelineError, Settings, log

FRAMEWORK = "pytorch"
KINDS = ("mlp",)
HIDDEN = (128, 64)


def network(n_inputs: int, n_outputs: int) -> nn.Module:
    layers: list[nn.Module] = []
    for width in HIDDEN:
        layers += [nn.Linear(n_inputs, width), nn.ReLU(), nn.Dropout(0.15)]
        n_inputs = width
    return nn.Sequential(*layers, nn.Linear(n_inputs, n_outputs))


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
        """Learns until the validation rows get no better, or for so many rounds; goes on from a checkpoint if there is one."""
        training, seed = self.settings["training"], self.settings["model"]["seed"]
        random.seed(seed)
        torch.manual_seed(seed)
        torch.use_deterministic_algorithms(True)
        torch.set_num_threads(1)  # a network this small only loses time by sharing work out
        inputs = torch.from_numpy(self.encoder.fit(features).transform(features))
        if not self.classes:
            self.centre, self.width = float(labels.mean()), float(labels.std()) or 1.0
        wanted, weights = self._coded(labels), torch.from_numpy(row_weights(labels, self.settings).astype("float32"))
        held = None
        if validation is not None:
            held = torch.from_numpy(self.encoder.transform(validation[0])), self._coded(validation[1])
            held_weights = torch.from_numpy(row_weights(validation[1], self.settings).astype("float32"))
        self.net = network(inputs.shape[1], len(self.classes) or 1)
        optimizer = torch.optim.AdamW(self.net.parameters(), lr=self.settings["model"]["learning_rate"], weight_decay=1e-3)
        batch = min(training["batch_size"], max(8, len(inputs) // 20))
        best, first = {"loss": float("inf"), "epoch": 0, "state": {}}, 1
        path = checkpoint / "checkpoint.pt" if checkpoint else None
        if path and path.exists():
            stored = torch.load(path, weights_only=True)
            self.net.load_state_dict(stored["state"])
            optimizer.load_state_dict(stored["optimizer"])
            best, first = stored["best"], stored["epoch"] + 1
            log.info("goes on after epoch %d", stored["epoch"])
        for epoch in range(first, (rounds or training["max_epochs"]) + 1):
            if held and epoch - 1 - best["epoch"] >= training["patience"]:
                break
            torch.manual_seed(seed + epoch)  # so that a training that was resumed takes the same way
            self.net.train()
            for rows in torch.randperm(len(inputs)).split(batch):
                optimizer.zero_grad()
                self._loss(self.net(inputs[rows]), wanted[rows], weights[rows]).backward()
                optimizer.step()
            if held:
                self.net.eval()
                with torch.no_grad():
                    loss = float(self._loss(self.net(held[0]), held[1], held_weights))
                log.debug("epoch %d: validation loss %.5f", epoch, loss)
                if loss < best["loss"]:
                    best = {"loss": loss, "epoch": epoch, "state": {name: value.clone() for name, value in self.net.state_dict().items()}}
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
                torch.save({"epoch": epoch, "state": self.net.state_dict(), "optimizer": optimizer.state_dict(), "best": best}, path.with_suffix(".part"))
                path.with_suffix(".part").replace(path)
        if best["state"]:
            self.net.load_state_dict(best["state"])
        self.rounds = best["epoch"] or rounds
        return self

    def _loss(self, said: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        if self.classes:
            each = nn.functional.cross_entropy(said, wanted, reduction="none")
        else:
            each = nn.functional.mse_loss(said[:, 0], wanted, reduction="none")
        return (each * weights).mean()

    def _coded(self, labels: np.ndarray) -> torch.Tensor:
        if self.classes:
            return torch.from_numpy(pd.Index(self.classes).get_indexer(labels).astype("int64"))
        return torch.from_numpy(((labels.astype("float64") - self.centre) / self.width).astype("float32"))

    def predict(self, features: pd.DataFrame) -> Predictions:
        self.net.eval()
        with torch.no_grad():
            said = self.net(torch.from_numpy(self.encoder.transform(features))).double()
        if not self.classes:
            return Predictions(said[:, 0].numpy() * self.width + self.centre)
        return Predictions.of(torch.softmax(said, dim=1).numpy(), self.classes)

    def save(self, folder: Path) -> list[str]:
        """Writes the model and returns the names of its files."""
        torch.save(self.net.state_dict(), folder / "model.pt")
        told = {"encoder": self.encoder.state, "centre": self.centre, "width": self.width, "n_inputs": self.net[0].in_features}
        (folder / "model.json").write_text(json.dumps(told), encoding="utf-8")
        return ["model.pt", "model.json"]

    @classmethod
    def load(cls, folder: Path, settings: Settings, classes: list[str]) -> "Model":
        """Reads a model; only tensors and JSON, no code."""
        model, told = cls(settings, classes), json.loads((folder / "model.json").read_text(encoding="utf-8"))
        model.encoder, model.centre, model.width = Encoder(settings["columns"], told["encoder"]), told["centre"], told["width"]
        model.net = network(told["n_inputs"], len(classes) or 1)
        model.net.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
        return model
