"""Trains the model: reads, checks, measures on rows held back, trains on all, and writes model and metadata."""

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import data
import monitor
import settings as config
from model import FRAMEWORK, Model
from settings import PipelineError, Settings, log

LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "joblib", "torch", "tensorflow", "keras")


def train(settings: Settings, frame: pd.DataFrame, folder: Path, resume: bool = False) -> dict[str, Any]:
    """Writes a model folder and returns its metadata."""
    checked = data.check(frame, settings, labelled=True)
    accepted = checked.accepted(settings["training"]["tolerance"], always=settings.target)
    counts = {name: int((reason != "").sum()) for name, reason in checked.reasons.items()}
    log.info("%d rows read, %d accepted; impossible cells: %s", len(frame), accepted.sum(), counts or "none")
    features, labels = checked.features[accepted].reset_index(drop=True), checked.labels[accepted]
    if len(labels) < 2:
        raise PipelineError(f"{len(labels)} of {len(frame)} rows are fit for training; python data.py --labelled --data … says what is wrong with the others")
    classes = data.classes_of(labels, settings) if settings.is_classification else []
    if settings.is_classification and len(set(labels)) < 2:
        raise PipelineError(f"{settings.target} is {labels[0]!r} in every row; training needs rows of at least two classes")

    data_hash = data.sha256(frame)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = _checkpoint(folder, f"{data_hash} {settings.sha256()}", resume)
    (folder / "metadata.json").unlink(missing_ok=True)  # a folder without it is no finished model

    fit, held = data.split(labels, settings)
    measured_on = features.iloc[held].reset_index(drop=True), labels[held]
    has_held = len(held) > 0
    model = Model(settings, classes).fit(
        features.iloc[fit].reset_index(drop=True), labels[fit], measured_on if has_held else None, checkpoint=checkpoint / "measured"
    )
    metrics, spread, width = {}, 0.0, None
    if has_held:
        said = model.predict(measured_on[0])
        metrics = monitor.measure(measured_on[1], said, classes, settings)
        spread = monitor.spread(measured_on[1], said, classes, settings)
        if not settings.is_classification:
            width = float(np.quantile(np.abs(measured_on[1] - said.values), 0.9))
    else:
        log.warning("too few rows of each class to hold some back: nothing is measured")
        said = model.predict(features)
    if settings["training"]["refit"] and has_held:
        model = Model(settings, classes).fit(features, labels, rounds=model.rounds, checkpoint=checkpoint / "final")
    log.info("%d rows held back for measuring: %s", len(held), {name: round(value, 4) for name, value in metrics.items()})

    files = model.save(folder)
    now = datetime.now(timezone.utc)
    metadata = {
        "version": f"{now:%Y%m%dT%H%M%SZ}-{data_hash[:8]}",
        "created": now.isoformat(timespec="seconds"),
        "framework": FRAMEWORK,
        "environment": settings.env,
        "columns": settings["columns"],
        "classes": classes,
        "config": settings.values,
        "metrics": metrics,
        "metric_spread": spread,
        "measured_on": f"{len(held)} rows held back; the model itself has then learned from {len(labels) if settings['training']['refit'] else len(fit)} rows",
        "interval_90": width,
        "rounds": model.rounds,
        "rows": {"read": len(frame), "accepted": int(accepted.sum()), "impossible_cells": counts},
        "profile": monitor.profile(checked, said, classes),
        "data_sha256": data_hash,
        "config_sha256": settings.sha256(),
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files},
        "python": platform.python_version(),
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
    }
    part = folder / "metadata.json.part"
    part.write_text(json.dumps(metadata, indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    os.replace(part, folder / "metadata.json")
    shutil.rmtree(checkpoint)
    return metadata


def _checkpoint(folder: Path, stamp: str, resume: bool) -> Path:
    """The folder of checkpoints: empty, or that of an interrupted training on the same data and configuration."""
    path = folder / "checkpoint"
    if not resume:
        shutil.rmtree(path, ignore_errors=True)
    path.mkdir(exist_ok=True)
    mark = path / "of.txt"
    if mark.exists() and mark.read_text() != stamp:
        raise PipelineError(f"{path} belongs to other data or another configuration; train without --resume")
    mark.write_text(stamp)
    return path


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def main(arguments: list[str] | None = None) -> int:
    """Trains the model and writes it with its metadata to a folder."""
    parser = config.parser(main.__doc__)
    parser.add_argument("--data", required=True, help="CSV, Parquet, or sqlite:///file.db?table=NAME")
    parser.add_argument("--model", required=True, type=Path, help="folder to write")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    told = parser.parse_args(arguments)
    settings = config.start(told)
    metadata = train(settings, data.read_all(told.data), told.model, told.resume)
    log.info("version %s written to %s", metadata["version"], told.model)
    return 0


if __name__ == "__main__":
    sys.exit(config.run(main))
