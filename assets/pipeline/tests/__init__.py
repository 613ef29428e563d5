"""Data, configuration and reasons to skip that the tests share."""

import json
import logging
import os
import tempfile
import unittest
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small data on a busy machine: threads that wait for each other take longer

import numpy as np
import pandas as pd

import settings
from settings import Settings

try:
    import model  # noqa: F401

    MISSING = ""
except ModuleNotFoundError as error:
    if error.name not in ("torch", "tensorflow", "keras"):
        raise
    MISSING = f"{error.name} is not installed"

needs_model = unittest.skipIf(MISSING, MISSING)
logging.getLogger("pipeline").addHandler(logging.NullHandler())
logging.getLogger("pipeline").propagate = False


def table(n_rows: int = 240, seed: int = 0) -> pd.DataFrame:
    """Rows with every kind of column, some gaps, and three targets that depend on the inputs."""
    random = np.random.default_rng(seed)
    size, colour = random.normal(10, 2, n_rows), random.choice(["red", "green", "blue"], n_rows)
    word = random.choice(["good value", "too slow", "broken again", ""], n_rows)
    strength = size - 10 + 2.0 * (colour == "red") - 2.0 * (word == "broken again") + random.normal(0, 0.3, n_rows)
    frame = pd.DataFrame(
        {
            "size": size.round(3),
            "empty": np.nan,
            "colour": colour,
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, n_rows), unit="D"),
            "note": word,
            "yes": (strength > 0).astype(int),
            "group": np.select([strength < -1, strength < 1], ["low", "middle"], "high"),
            "amount": strength * 10 + 100,
        }
    )
    frame["note"] = frame["note"].where(frame["note"] != "", None)
    frame.loc[frame.index % 17 == 3, ["size", "colour", "since"]] = None
    return frame


TARGETS = {
    "binary": {"target": "yes", "metric": "roc_auc", "positive": "1", "classes": ["0", "1"]},
    "multiclass": {"target": "group", "metric": "balanced_accuracy", "classes": ["low", "middle", "high"]},
    "regression": {"target": "amount", "metric": "rmse"},
}


def configured(folder: Path, kind: str = "binary", **changes: dict[str, Any]) -> Path:
    """Writes a folder of configuration files for `table` and returns it."""
    sections = {
        "problem": {"name": "made up", "kind": kind, **TARGETS[kind]},
        "columns": {"numbers": ["size", "empty"], "categories": ["colour"], "times": ["since"], "texts": ["note"]},
        "ranges": {"size": [0.0, 30.0]},
        "model": {"kind": "linear" if MISSING else model.KINDS[0], "learning_rate": 0.01 if not MISSING and model.KINDS == ("mlp",) else 0.1, "max_iter": 30},
        "training": {"max_epochs": 30, "batch_size": 32, "patience": 5, "refit": False},
        "monitoring": {"latency_ms_alarm": 5000.0, "memory_mb_alarm": 1e6},
    }
    for section, keys in changes.items():
        sections[section] = sections.get(section, {}) | keys
    kept = sections["columns"]["numbers"]
    sections["ranges"] = {name: pair for name, pair in sections["ranges"].items() if name in kept}
    lines = []
    for section, keys in sections.items():
        lines += [f"[{section}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in keys.items())]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "base.toml").write_text("\n".join(lines), encoding="utf-8")
    for env in settings.ENVIRONMENTS:
        (folder / f"{env}.toml").write_text('[logging]\nlevel = "ERROR"\n', encoding="utf-8")
    return folder


class Case(unittest.TestCase):
    """A test with a temporary folder."""

    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)

    def settings(self, kind: str = "binary", **changes: dict[str, Any]) -> Settings:
        return settings.load("dev", configured(self.folder / "config", kind, **changes))
