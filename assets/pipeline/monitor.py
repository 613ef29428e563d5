"""Watches a model in use: drift against the training profile, loss of quality, resources, each with a level."""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics

import data
import settings as config
from settings import Settings, log

LEVELS = ("ok", "warning", "alarm")
BINS = 10
MAX_KNOWN = 1000
LOWER_IS_BETTER = ("rmse", "mae", "median_ae", "log_loss", "brier")

# --- quality --------------------------------------------------------------------------------------


def measure(truth: np.ndarray, said: data.Predictions, classes: list[str], settings: Settings, only: str | None = None) -> dict[str, float]:
    """All metrics (or one) of the kind of problem, as far as these rows define them."""
    if not settings.is_classification:
        truth, values = truth.astype("float64"), said.values
        ways: dict[str, Callable[[], float]] = {
            "rmse": lambda: metrics.root_mean_squared_error(truth, values),
            "mae": lambda: metrics.mean_absolute_error(truth, values),
            "median_ae": lambda: metrics.median_absolute_error(truth, values),
            "r2": lambda: metrics.r2_score(truth, values) if len(truth) > 1 else np.nan,
        }
    else:
        index = pd.Index(classes)
        true, guess, chances = index.get_indexer(truth), index.get_indexer(said.values), said.chances
        every = list(range(len(classes)))
        ways = {
            "accuracy": lambda: metrics.accuracy_score(true, guess),
            "balanced_accuracy": lambda: metrics.balanced_accuracy_score(true, guess),
            "log_loss": lambda: metrics.log_loss(true, chances, labels=every),
        }
        if settings["problem"]["kind"] == "binary" and len(classes) == 2:
            positive = classes.index(settings["problem"]["positive"] or classes[1])
            is_true, is_guess, chance = true == positive, guess == positive, chances[:, positive]
            ways |= {
                "roc_auc": lambda: metrics.roc_auc_score(is_true, chance),
                "average_precision": lambda: metrics.average_precision_score(is_true, chance) if is_true.any() else np.nan,
                "f1": lambda: metrics.f1_score(is_true, is_guess, zero_division=0.0),
                "brier": lambda: metrics.brier_score_loss(is_true, chance),
            }
        else:
            ways |= {
                "f1_macro": lambda: metrics.f1_score(true, guess, labels=np.unique(true), average="macro", zero_division=0.0),
                "roc_auc_ovr": lambda: metrics.roc_auc_score(true, chances, multi_class="ovr", labels=every),
            }
    measured = {}
    for name, way in ways.items():
        if only not in (None, name):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = float(way())
        except ValueError:  # not defined on these rows, such as an AUC with one class
            continue
        if np.isfinite(value):
            measured[name] = value
    return measured


def spread(truth: np.ndarray, said: data.Predictions, classes: list[str], settings: Settings) -> float:
    """How far the metric would vary with other rows of the same kind, by drawing these again and again."""
    random, name, drawn = np.random.default_rng(0), settings["problem"]["metric"], []
    for _ in range(50):
        rows = random.integers(0, len(truth), len(truth))
        again = data.Predictions(said.values[rows], None if said.chances is None else said.chances[rows])
        drawn.append(measure(truth[rows], again, classes, settings, name).get(name, np.nan))
    found = np.array(drawn)[np.isfinite(drawn)]
    return float(found.std()) if len(found) else 0.0


def quality(
    truth: np.ndarray, said: data.Predictions, classes: list[str], settings: Settings, before: dict[str, float], before_spread: float = 0.0
) -> list[dict[str, Any]]:
    """How far the metric has dropped since training; an error counts in parts of what it was."""
    name = settings["problem"]["metric"]
    now = measure(truth, said, classes, settings, name).get(name)
    if now is None or name not in before:
        return []
    scale = max(abs(before[name]), 1e-9) if name in LOWER_IS_BETTER else 1.0
    drop = (now - before[name]) / scale * (1 if name in LOWER_IS_BETTER else -1)
    noise, limit = 2 * float(np.hypot(spread(truth, said, classes, settings), before_spread)) / scale, settings["monitoring"]["metric_drop_alarm"]
    level = 2 if drop > limit + noise else int(drop > limit)  # what chance alone could do is no alarm
    return [{"what": "quality", "name": name, "value": now, "before": before[name], "drop": drop, "noise": noise, "level": LEVELS[level]}]


# --- drift ----------------------------------------------------------------------------------------


def _numbers(values: np.ndarray) -> dict[str, Any]:
    found = values[np.isfinite(values)]
    edges = np.unique(np.quantile(found, np.linspace(0, 1, BINS + 1)[1:-1])) if len(found) else np.empty(0)
    return {
        "kind": "numbers",
        "n": len(found),
        "missing": 1 - len(found) / max(len(values), 1),
        "edges": edges.tolist(),
        "counts": _binned(found, edges).tolist(),
        "mean": float(found.mean()) if len(found) else None,
        "std": float(found.std()) if len(found) else None,
    }


def _binned(found: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(edges, found, side="left"), minlength=len(edges) + 1)


def _categories(values: pd.Series) -> dict[str, Any]:
    counts = values.value_counts()
    return {
        "kind": "categories",
        "n": int(counts.sum()),
        "missing": float(values.isna().mean()) if len(values) else 0.0,
        "counts": {str(name): int(count) for name, count in counts.head(MAX_KNOWN).items()},
        "is_complete": len(counts) <= MAX_KNOWN,
        # How often the next value is one never seen: about the share of those seen once (Good and Turing).
        "new": float((counts == 1).sum() / max(counts.sum(), 1)),
    }


def _plain(column: pd.Series) -> pd.Series | np.ndarray:
    """A column as it is compared: times by their day, categories by their values, numbers as they are."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return ((column - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)).to_numpy("float64")
    return column if column.dtype == object else column.to_numpy("float64")


def profile(checked: data.Checked, said: data.Predictions, classes: list[str]) -> dict[str, Any]:
    """What the training data and the predictions on rows held back look like."""
    columns = {}
    for name, column in checked.features.items():
        values = _plain(column)
        columns[name] = _numbers(values) if isinstance(values, np.ndarray) else _categories(values)
    predictions = _categories(pd.Series(said.values)) if classes else _numbers(said.values)
    return {"columns": columns, "predictions": predictions, "rejected": 1 - float(checked.accepted().mean())}


def psi(expected: np.ndarray, actual: np.ndarray) -> float:
    """Population stability index, less what chance alone gives with so many rows."""
    n, m = expected.sum(), actual.sum()
    used = (expected + actual) > 0
    if not n or not m or used.sum() < 2:
        return 0.0
    p, q = ((counts[used] + 0.5) / (counts[used] + 0.5).sum() for counts in (expected, actual))
    return max(0.0, float(((q - p) * np.log(q / p)).sum() - (used.sum() - 1) * (1 / n + 1 / m)))


def _level(value: float, warning: float, alarm: float) -> str:
    return LEVELS[int(value > warning) + int(value > alarm)]


def _share(what: str, name: str, now: float, then: float, n_rows: int, limits: dict[str, Any]) -> dict[str, Any]:
    """A share that has grown by more than chance alone would let it in so many rows."""
    grown = now - then - 2 * np.sqrt(then * (1 - then) / n_rows)
    return {"what": what, "name": name, "value": now, "before": then, "level": _level(grown, limits["share_warning"], limits["share_alarm"])}


def compare(name: str, before: dict[str, Any], column: pd.Series | np.ndarray, limits: dict[str, Any], is_text: bool = False) -> list[dict[str, Any]]:
    """Differences of one column to its profile."""
    shares: dict[str, tuple[float, float]] = {}
    if before["kind"] == "numbers":
        found = column[np.isfinite(column)]
        missing = 1 - len(found) / len(column)
        moved = psi(np.array(before["counts"]), _binned(found, np.array(before["edges"])))
    else:
        counts = column.value_counts()
        missing, n = float(column.isna().mean()), max(int(counts.sum()), 1)
        common = [value for value, count in before["counts"].items() if count >= 0.01 * before["n"]]
        of = lambda told, total: np.array([told.get(value, 0) for value in common] + [total - sum(told.get(value, 0) for value in common)])  # noqa: E731
        moved = psi(of(before["counts"], before["n"]), of(counts, int(counts.sum())))
        if before["is_complete"] and not is_text:
            shares["never seen"] = (float(counts[~counts.index.isin(list(before["counts"]))].sum() / n), before["new"])
    shares["missing"] = (missing, before["missing"])
    found = [] if is_text else [{"what": "drift", "name": name, "value": moved, "level": _level(moved, limits["psi_warning"], limits["psi_alarm"])}]
    for what, (now, then) in shares.items():
        found.append(_share(what, name, now, then, len(column), limits))
    return found


def drift(checked: data.Checked, said: data.Predictions, settings: Settings, before: dict[str, Any]) -> list[dict[str, Any]]:
    """Differences of all columns, of the predictions and of the share of rejected rows."""
    limits = settings["monitoring"]
    found = []
    for name, column in checked.features.items():
        found += compare(name, before["columns"][name], _plain(column), limits, name in settings["columns"]["texts"])
    values = pd.Series(said.values) if settings.is_classification else said.values
    found += [entry | {"what": "prediction drift"} for entry in compare("prediction", before["predictions"], values, limits)[:1]]
    rejected = 1 - float(checked.accepted().mean())
    found.append(_share("rejected", "rows", rejected, before["rejected"], len(checked.features), limits))
    return found


# --- resources ------------------------------------------------------------------------------------


def memory_mb() -> float | None:
    """The most memory that this process has held."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def resources(ask: Callable[[int], object], n_rows: int, limits: dict[str, Any]) -> list[dict[str, Any]]:
    """Time of single predictions and the memory of the process; warns at half of the alarm."""
    times = []
    for at in range(min(n_rows, 30) + 1):
        began = time.perf_counter()
        ask(at % n_rows)
        times.append((time.perf_counter() - began) * 1000)
    values = {"latency_ms": float(np.quantile(times[1:], 0.95)), "memory_mb": memory_mb()}  # the first one warms up
    return [
        {"what": "resources", "name": name, "value": value, "level": _level(value, limits[f"{name}_alarm"] / 2, limits[f"{name}_alarm"])}
        for name, value in values.items()
        if value is not None
    ]


def watch(predictor: Any, frame: pd.DataFrame) -> dict[str, Any]:
    """The report on a table of recent rows; with labels if its target column holds some."""
    settings, metadata = predictor.settings, predictor.metadata
    if frame.empty:
        raise config.PipelineError("the table has no rows; give one with recent rows")
    checked = data.check(frame, settings)
    said = predictor.model.predict(checked.features)
    min_rows, found, notes = settings["monitoring"]["min_rows"], [], []
    if len(frame) >= min_rows:
        found += drift(checked, said, settings, metadata["profile"])
    else:
        notes.append(f"{len(frame)} rows are too few to judge drift; {min_rows} are needed")
    if settings.target in frame.columns:
        labels = data.check(frame, settings, labelled=True).labels
        known = pd.Series(labels).isin(predictor.classes).to_numpy() if settings.is_classification else np.isfinite(labels)
        if known.sum() >= min_rows:
            part = data.Predictions(said.values[known], None if said.chances is None else said.chances[known])
            found += quality(labels[known], part, predictor.classes, settings, metadata["metrics"], metadata["metric_spread"])
        else:
            notes.append(f"{known.sum()} labels of known classes are too few to judge quality; {min_rows} are needed")
    else:
        notes.append(f"no column {settings.target}: quality is not judged")
    found += resources(lambda at: predictor.answer(data.check(frame.iloc[[at]], settings)), len(frame), settings["monitoring"])
    worst = max((LEVELS.index(entry["level"]) for entry in found), default=0)
    return {"version": metadata["version"], "rows": len(frame), "level": LEVELS[worst], "notes": notes, "found": found}


def main(arguments: list[str] | None = None) -> int:
    """Writes a report as JSON. The exit status is 0 for ok, 1 for a warning, 2 for an alarm, 3 if it failed."""
    from predict import Predictor  # here: the comparisons above are of use without the framework

    parser = config.parser(main.__doc__)
    parser.add_argument("--data", required=True, help="recent rows: CSV, Parquet, or sqlite:///file.db?table=NAME")
    parser.add_argument("--model", required=True, type=Path, help="folder that train.py has written")
    parser.add_argument("--report", type=Path, help="file to write; otherwise standard output")
    told = parser.parse_args(arguments)
    report = watch(Predictor(told.model, config.start(told)), data.read_all(told.data))
    for entry in report["found"]:
        if entry["level"] != "ok":
            log.warning("%s: %s of %s is %.4g", entry["level"], entry["what"], entry["name"], entry["value"])
    text = json.dumps(report, indent=1, ensure_ascii=False)
    if told.report:
        part = told.report.with_name(told.report.name + ".part")
        part.write_text(text + "\n", encoding="utf-8")
        os.replace(part, told.report)
    else:
        print(text)
    return LEVELS.index(report["level"])


if __name__ == "__main__":
    sys.exit(config.run(main))
