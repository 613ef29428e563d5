"""Every parameter in one place: defaults, the base configuration and what an environment changes in it."""

import argparse
import hashlib
import json
import logging
import os
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger("pipeline")

ENVIRONMENTS = ("dev", "staging", "prod")
FOLDER = Path(__file__).resolve().parent / "config"
KINDS = ("binary", "multiclass", "regression")
FAILED = 3  # 0, 1 and 2 are the levels of monitor.py

DEFAULTS: dict[str, dict[str, Any]] = {
    "problem": {"name": "", "target": "", "kind": "", "metric": "", "positive": "", "classes": []},
    "columns": {"numbers": [], "categories": [], "times": [], "texts": []},
    "ranges": {},
    "model": {"kind": "", "seed": 0, "learning_rate": 0.05, "max_iter": 200},
    "training": {
        "validation_share": 0.2,
        "patience": 15,
        "max_epochs": 60,
        "batch_size": 256,
        # Train once more on all rows after the held back ones have been used to measure.
        "refit": True,
        # A column with a larger share of impossible cells keeps its rows: only the cells are emptied.
        "tolerance": 0.02,
    },
    "serving": {"chunk_rows": 10_000},
    "monitoring": {
        "min_rows": 100,
        "psi_warning": 0.1,
        "psi_alarm": 0.25,
        "metric_drop_alarm": 0.05,
        "latency_ms_alarm": 100.0,
        "memory_mb_alarm": 4096.0,
        # By how much a share (missing, never seen, rejected) may exceed that of the training data.
        "share_warning": 0.05,
        "share_alarm": 0.2,
    },
    "logging": {"level": "INFO"},
}
OF_THE_MODEL = ("problem", "columns", "ranges", "model")


class PipelineError(Exception):
    """Something that the caller can put right; the message says how."""


@dataclass(frozen=True)
class Settings:
    """The merged configuration of one environment."""

    env: str
    values: dict[str, dict[str, Any]]

    def __getitem__(self, section: str) -> dict[str, Any]:
        return self.values[section]

    @property
    def target(self) -> str:
        return self["problem"]["target"]

    @property
    def is_classification(self) -> bool:
        return self["problem"]["kind"] != "regression"

    @property
    def features(self) -> list[str]:
        """All input columns."""
        return [name for names in self["columns"].values() for name in names]

    def of_model(self, config: dict[str, dict[str, Any]]) -> "Settings":
        """These settings with what a trained model was made with: it can't be changed afterwards."""
        kept = {section: config[section] for section in OF_THE_MODEL}
        if any(kept[section] != self[section] for section in OF_THE_MODEL):
            log.warning("the model was trained with another configuration than the present one; its own is used")
        return Settings(self.env, self.values | kept)

    def sha256(self) -> str:
        return hashlib.sha256(json.dumps(self.values, sort_keys=True).encode()).hexdigest()


def load(env: str | None = None, folder: Path | str | None = None) -> Settings:
    """Defaults, then `base.toml`, then the file of the environment (`--env`, `PIPELINE_ENV` or dev)."""
    env = env or os.environ.get("PIPELINE_ENV") or "dev"
    if env not in ENVIRONMENTS:
        raise PipelineError(f"there is no environment {env!r}; choose one of {', '.join(ENVIRONMENTS)}")
    values = {section: dict(keys) for section, keys in DEFAULTS.items()}
    for path in (Path(folder or FOLDER) / "base.toml", Path(folder or FOLDER) / f"{env}.toml"):
        _merge(values, path)
    _verify(values)
    return Settings(env, values)


def _merge(values: dict[str, dict[str, Any]], path: Path) -> None:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PipelineError(f"{path} is missing") from None
    except tomllib.TOMLDecodeError as error:
        raise PipelineError(f"{path} is no TOML: {error}") from None
    for section, keys in told.items():
        if section not in DEFAULTS or not isinstance(keys, dict):
            raise PipelineError(f"{path}: unknown section [{section}]; there are {', '.join(DEFAULTS)}")
        for key, value in keys.items():
            default = DEFAULTS[section].get(key, [] if section == "ranges" else None)
            wanted = (int, float) if type(default) in (int, float) else type(default)
            if default is None:
                raise PipelineError(f"{path}: unknown key {key} in [{section}]; there are {', '.join(DEFAULTS[section])}")
            if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(default, bool):
                raise PipelineError(f"{path}: {section}.{key} = {value!r} should be like {default!r}")
            values[section][key] = value


def _verify(values: dict[str, dict[str, Any]]) -> None:
    problem, training = values["problem"], values["training"]
    names = [name for names in values["columns"].values() for name in names]
    classes = problem["classes"]
    wrong = [
        (problem["kind"] not in KINDS, f"problem.kind is {problem['kind']!r}; it is one of {', '.join(KINDS)}"),
        (not problem["target"], "problem.target names no column"),
        (not names, "[columns] lists no input; add at least one column"),
        (len(set(names)) < len(names), "[columns] lists a column twice"),
        (problem["target"] in names, "[columns] lists the target among the inputs; take it out"),
        (bool(classes and problem["positive"]) and problem["positive"] not in classes, "problem.positive is not in problem.classes"),
        (len(set(classes)) < len(classes), "problem.classes lists a class twice"),
        (not 0 < training["validation_share"] < 1, "training.validation_share lies between 0 and 1"),
        (min(training["batch_size"], training["max_epochs"], values["serving"]["chunk_rows"]) < 1, "batch_size, max_epochs and chunk_rows are at least 1"),
        (values["monitoring"]["psi_warning"] > values["monitoring"]["psi_alarm"], "psi_warning lies above psi_alarm"),
        (values["logging"]["level"] not in logging.getLevelNamesMapping(), "logging.level is one of DEBUG, INFO, WARNING, ERROR"),
    ]
    wrong += [
        (name not in values["columns"]["numbers"], f"[ranges] has {name!r}, which is not among columns.numbers")
        for name in values["ranges"]
    ]
    wrong += [
        (len(pair) != 2 or not pair[0] <= pair[1], f"ranges.{name} should be [lowest, highest]")
        for name, pair in values["ranges"].items()
    ]
    said = [text for is_wrong, text in wrong if is_wrong]
    if said:
        raise PipelineError("configuration: " + "; ".join(said))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        self.print_usage(sys.stderr)
        self.exit(FAILED, f"{self.prog}: {message}\n")


def parser(doc: str | None) -> argparse.ArgumentParser:
    """What all commands have in common."""
    made = _Parser(description=doc)
    made.add_argument("--env", choices=ENVIRONMENTS, help="environment; otherwise PIPELINE_ENV, otherwise dev")
    made.add_argument("--config", type=Path, help="folder of the configuration files")
    return made


def start(arguments: argparse.Namespace) -> Settings:
    """Loads the settings and sends the log to standard error."""
    settings = load(arguments.env, arguments.config)
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False
    log.setLevel(settings["logging"]["level"])
    return settings


def run(main: Callable[[], int]) -> int:
    """The exit status of a command; an error becomes a message and the status 3."""
    try:
        return main()
    except PipelineError as error:
        log.error("%s", error)
    except Exception as error:
        log.exception("unexpected: %s", error)
    return FAILED
