"""Leakage court: witnesses that look at the data, the folds and the predictions of one run.

Each witness says "clean", "finding" (with row numbers) or "not checked" (with why). An error in a witness is
"not checked", never "clean". What is drawn at random is drawn with the seed of the request. Row numbers are those
of the data file. Opens no file but those that the request names.

Usage: python -I -B court.py REQUEST.json
"""

import os
import time

START = time.monotonic()  # loading the libraries below is part of the budget
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # small fits are faster so, and the same everywhere

import csv
import functools
import json
import math
import sys
import warnings

import numpy
import pandas
from scipy import stats
from sklearn import metrics
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.tree import DecisionTreeRegressor

warnings.filterwarnings("ignore")
NULL = "\\N"
CLEAN, FINDING, NOT_CHECKED = "clean", "finding", "not checked"
FEWEST_ROWS = 60  # for what fits models or estimates an area under the curve
COUNTED = ("accuracy", "balanced_accuracy", "f1", "f1_macro", "precision", "recall", "mcc")  # few possible values


class NotChecked(Exception):
    """Said by a witness that cannot tell."""


def main(path):
    with open(path, encoding="utf-8") as file:
        case = Case(json.load(file))
    called = [name for name in WITNESSES if name in (case.ask.get("only") or WITNESSES)]
    verdicts = {name: told(name, NOT_CHECKED, "not reached before the court was ended") for name in called}
    for name in sorted(called, key=DEAR_ONES.__contains__):  # the dear ones last
        verdicts[name] = heard(name, case)
        with open(case.ask["out"], "w", encoding="utf-8") as out:
            json.dump({"witnesses": list(verdicts.values())}, out, indent=1, allow_nan=False)


def heard(name, case):
    start = time.monotonic()
    try:
        case.need(0.05)
        answer = told(name, *WITNESSES[name][1](case))
    except NotChecked as why:
        answer = told(name, NOT_CHECKED, str(why))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told and not taken for clean
        first = (str(error).strip().splitlines() or [""])[0]
        answer = told(name, NOT_CHECKED, f"it failed: {type(error).__name__}: {first[:300]}")
    return answer | {"seconds": round(time.monotonic() - start, 3)}


def told(name, standing, detail, statistic=None, rows=(), columns=()):
    if statistic:
        value = float(statistic[1])
        statistic = {"name": statistic[0], "value": value if math.isfinite(value) else None, "threshold": float(statistic[2])}
    return {"id": name, "title": WITNESSES[name][0], "standing": standing, "detail": detail, "rows": [int(row) for row in rows[:50]],
            "n_rows": len(rows), "columns": list(columns), "statistic": statistic, "seconds": 0.0}


class Case:
    """What the witnesses look at, read when it is first asked for."""

    def __init__(self, ask):
        self.ask = ask
        self.regression = ask["problem"] == "regression"
        self.types = {name: kind for name, kind in ask["dtypes"]}

    def need(self, seconds, after=""):
        left = self.ask.get("budget_s", 20) - (time.monotonic() - START)
        if left < seconds:
            raise NotChecked(f"out of time{after}: about {seconds:.1f} s were needed, {max(left, 0):.1f} s were left")

    def random(self):
        return numpy.random.default_rng(self.ask["seed"])

    @functools.cached_property
    def rows(self):
        self.need(os.path.getsize(self.ask["rows"]) / 1e7)
        return Rows(self)

    @functools.cached_property
    def groups(self):
        values = self.named("group")
        return None if values is None else pandas.factorize(values)[0]  # -1 is null

    @functools.cached_property
    def times(self):
        values = self.named("time")
        kind = self.types.get(self.ask["time"], "time")
        return None if values is None else typed(values, kind if kind in ("int", "float") else "time", self.ask["time"])

    def named(self, role):
        """The column of the group or the time, whether the solution is given it or not; None where there is none."""
        name, rows = self.ask.get(role), self.rows
        if name is None:
            return None
        values = rows.cells[name] if name in rows.names else None
        if self.ask.get("ids"):
            ids = cells(self.ask["ids"])
            given = ids[role].replace("", numpy.nan).set_axis(ids["row"].astype("int64")).reindex(rows.row).reset_index(drop=True)
            values = given if given.notna().any() else values
        if values is None or not values.notna().any():
            raise NotChecked(f"the {role} column {name} has no values here")
        return values

    @functools.cached_property
    def predictions(self):
        if not self.ask.get("predictions"):
            raise NotChecked("the run saved no predictions")
        table = cells(self.ask["predictions"]).replace("", numpy.nan)
        table = table[table.iloc[:, 2].notna()]
        number = (lambda values: values.astype("float64").to_numpy()) if self.regression else self.class_index
        chances = table.iloc[:, 4:]
        whole = len(chances.columns) == len(self.ask["classes"]) > 0 and chances.notna().all(axis=None)
        return {"row": table.iloc[:, 0].astype("int64").to_numpy(), "fold": table.iloc[:, 1].astype("int64").to_numpy(),
                "truth": number(table.iloc[:, 2]), "predicted": number(table.iloc[:, 3]),
                "chances": chances.astype("float64").to_numpy() if whole else None}

    def class_index(self, values):
        index = {name: number for number, name in enumerate(self.ask["classes"])}
        if self.types.get(self.ask["target"]) in ("int", "float"):  # 1 and 1.0 are one class
            index, values = {float(name): number for name, number in index.items()}, values.astype("float64")
        unknown = values[values.notna() & ~values.isin(list(index))]
        if len(unknown):
            raise ValueError(f"the class {unknown.iloc[0]!r} is not among the classes")
        return values.map(index).fillna(-1).astype(int).to_numpy()


class Rows:
    """All rows outside the holdout, with each column as positions of its values in their order (-1 for null)."""

    def __init__(self, case):
        ask = case.ask
        with open(ask["rows"], newline="", encoding="utf-8") as file:
            header = next(csv.reader(file))
        table = cells(ask["rows"])
        self.names, self.n = header[2:-1], len(table)
        self.row, self.fold = (table.iloc[:, at].astype("int64").to_numpy() for at in (0, 1))
        if len(set(self.fold.tolist())) < 2:
            raise NotChecked(f"there are not two folds with rows ({self.n} rows in all)")
        self.folds = sorted(set(self.fold[self.fold >= 0].tolist()))
        self.by_time = ask["split"] == "time"
        self.cells = {name: table.iloc[:, 2 + at] for at, name in enumerate(self.names)}
        self.codes = {name: pandas.factorize(typed(cell, case.types.get(name), name), sort=True)[0] for name, cell in self.cells.items()}
        self.distinct = {name: int(codes.max()) + 1 for name, codes in self.codes.items()}
        # Index of the class (-1 where it is not known), or the number.
        self.target = typed(table.iloc[:, -1], "float", "target") if case.regression else case.class_index(table.iloc[:, -1])
        self.known = ~numpy.isnan(self.target) if case.regression else self.target >= 0
        self.n_classes = 0 if case.regression else len(ask["classes"])
        # One number for each value of each column: rows with the same sum are the same in all columns.
        generator = numpy.random.default_rng(20)
        self.hashes = [generator.integers(0, 2**64, self.distinct[name] + 1, dtype="uint64")[codes] for name, codes in self.codes.items()]
        self.keys = sum(self.hashes) if self.names else None

    def training(self, fold):
        return self.fold < fold if self.by_time else self.fold != fold

    def rare(self, name):
        """Where a column has a value that few rows share: not null, no zero that stands in a tenth of the rows."""
        counts = numpy.bincount(self.codes[name] + 1)
        return (self.codes[name] >= 0) & (counts[self.codes[name] + 1] <= max(10, self.n // 100))

    def answers(self, at):
        """The target of some rows as columns: one a class, or the rank of the number, which no outlier governs."""
        return numpy.eye(self.n_classes)[self.target[at]] if self.n_classes else stats.rankdata(self.target[at])[:, None] / len(at)

    def labelled(self):
        at = numpy.flatnonzero(self.known)
        if len(at) < FEWEST_ROWS:
            raise NotChecked(f"{len(at)} rows have a label; {FEWEST_ROWS} are needed")
        if len(set(self.target[at].tolist())) < 2:
            raise NotChecked("the target has one value only")
        return at


def cells(path):
    return pandas.read_csv(path, dtype=object, keep_default_na=False, na_values=[NULL], encoding="utf-8")


def typed(values, kind, name):
    """Values as numbers, NaN where they are null; text as it is."""
    try:
        if kind == "text":
            return values
        known = values.dropna()
        if kind in ("int", "float"):
            known = pandas.to_numeric(known)
        elif kind == "time":
            known = pandas.Series(pandas.DatetimeIndex(pandas.to_datetime(known, format="ISO8601", utc=True)).as_unit("us").asi8, known.index)
        elif kind == "bool":
            known = known.map({"true": 1, "false": 0}).astype(int)
        else:
            raise ValueError("this type is not known")
        return known.to_numpy() if len(known) == len(values) else known.astype("float64").reindex(values.index).to_numpy()
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"the column {name} cannot be read as {kind}: {error}") from error


def drawn(at, most, generator):
    if len(at) <= most:
        return at, ""
    return numpy.sort(generator.choice(at, most, replace=False)), f" ({most:,} of {len(at):,} rows were looked at)"


def many(n, one):
    return f"{n:,} {one if n == 1 else one + 's'}"


def crossing(keys, fold):
    """Where the rows of one key are in more than one fold."""
    folds = pandas.Series(fold).groupby(keys)
    return (folds.transform("min") != folds.transform("max")).to_numpy()


def auc(truth, scores):
    """Mean area under the curve over classes, and the lower end of its range.

    A perfect ranking of few rows is no proof of a perfect one: the end is at most 1 - 1.5 / rows of the smaller side.
    """
    found = []
    for number in range(scores.shape[1]) if scores.shape[1] > 2 else [scores.shape[1] - 1]:
        yes = truth == number if scores.shape[1] > 1 else truth
        if yes.any() and not yes.all():
            area = metrics.roc_auc_score(yes, scores[:, number])
            found.append((area, lower_end(area, yes.sum(), (~yes).sum())))
    if not found:
        raise NotChecked("there is one class only")
    return numpy.mean(found, axis=0)


def lower_end(area, n_yes, n_no):
    """Two standard errors below an area under the curve (Hanley and McNeil 1982)."""
    one, two = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
    error = math.sqrt(max(area * (1 - area) + (n_yes - 1) * one + (n_no - 1) * two, 0) / (n_yes * n_no))
    return min(area - 2 * error, 1 - 1.5 / min(n_yes, n_no))


def explained(truth, predicted):
    spread = ((truth - truth.mean(axis=0)) ** 2).sum()
    return 1 - ((truth - predicted) ** 2).sum() / spread if spread > 0 else 0.0


def alone(codes, is_text, answers, pairs, depth, leaf):
    """What one column alone says of rows that it was not fitted on: a tree, or for text the mean of each value."""
    said = numpy.full(answers.shape, numpy.nan)
    for train, valid in pairs:
        if is_text:
            prior, size = answers[train].mean(axis=0), int(codes.max()) + 2
            sums = [numpy.bincount(codes[train] + 1, column[train], size) for column in answers.T]
            said[valid] = ((numpy.column_stack(sums) + prior) / (numpy.bincount(codes[train] + 1, minlength=size)[:, None] + 1))[codes[valid] + 1]
        else:
            tree = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=leaf, random_state=0)
            said[valid] = tree.fit(codes[train, None], answers[train]).predict(codes[valid, None]).reshape(len(valid), -1)
    return said


# --- how the run was made -------------------------------------------------------------------------


def opened_files(case):
    """Goes by the names as they were opened: a link within an allowed folder is not followed."""
    if case.ask.get("opened") is None:
        raise NotChecked("what the code opened was not recorded")
    paths = sorted({os.path.normpath(path) for path in case.ask["opened"] if isinstance(path, str)})
    allowed = [os.path.normpath(prefix).rstrip("/") for prefix in case.ask.get("allowed") or []]
    relative = [path for path in paths if not os.path.isabs(path)]
    outside = [path for path in paths if path not in relative and not any(f"{path}/".startswith(f"{prefix}/") for prefix in allowed)]
    if outside:
        says = f"{len(outside)} of {many(len(paths), 'opened path')} lie outside what the run may read: {', '.join(outside[:5])}"
        return FINDING, says, ("paths outside", len(outside), 0)
    if relative:
        raise NotChecked(f"{many(len(relative), 'opened path')} are not absolute, so that it is not known where they lie: {relative[0]}")
    return CLEAN, f"{many(len(paths), 'opened path')}, none outside the interpreter, the system and the folder of the run"


def labels_withheld(case):
    if case.ask.get("labels_withheld") is None:
        raise NotChecked("it was not recorded whether the validation rows came with labels")
    withheld = case.ask["labels_withheld"] is True
    return CLEAN if withheld else FINDING, f"the validation rows were handed over {'without' if withheld else 'with'} their labels"


def identical_scores(case):
    scores, metric = case.ask.get("scores") or [], case.ask["metric"]
    others = [one for one in case.ask.get("others") or [] if len(one["scores"]) == len(scores) > 0 and None not in one["scores"] + scores]
    if not others:
        raise NotChecked("there is no other run with scores on the same folds")
    same = [one["run"] for one in others if numpy.abs(numpy.subtract(one["scores"], scores)).max() <= 1e-12]
    if not same:
        return CLEAN, f"the scores differ from those of {many(len(others), 'other run')}"
    smallest = min((case.rows.fold == fold).sum() for fold in case.rows.folds)
    if metric in COUNTED and (smallest < 200 or min(scores) == 1):
        raise NotChecked(f"the scores are those of {same[0]}, but {metric} on {smallest} rows takes few values, so that it may be chance")
    says = f"every fold scores exactly as in {', '.join(same)}, with different code: changed nothing: is the change reaching the model?"
    return FINDING, says, ("runs with the same scores", len(same), 0)


def label_permutation(case):
    asked, scores, metric = case.ask.get("permutation"), case.ask.get("scores"), case.ask["metric"]
    if not asked:
        raise NotChecked("on request: the labels were not shuffled")
    permuted = numpy.array([numpy.mean(one) for one in asked["scores"]], dtype="float64")
    if len(permuted) < 19 or not scores:
        raise NotChecked(f"{len(permuted)} shuffles are too few; 19 are needed")
    sign, observed, middle = 1 if case.ask["direction"] == "maximize" else -1, numpy.mean(scores), permuted.mean()
    p = (1 + (sign * permuted >= sign * observed).sum()) / (len(permuted) + 1)
    limit = without_signal(case).get(metric)
    if limit is not None and sign * middle > sign * limit:
        says = f"it scores without any signal: {metric} is {middle:.4g} on average with shuffled labels, where chance explains {limit:.4g} at most: a leak"
        return FINDING, says, ("mean with shuffled labels", middle, limit)
    if p > 0.05:
        raise NotChecked(f"{observed:.4g} is no better than with shuffled labels (p = {p:.3g}), so that there is no score to explain")
    says = f"the score goes when labels are shuffled: {observed:.4g} against {middle:.4g} on average in {len(permuted)} shuffles (p = {p:.3g})"
    return CLEAN, says, ("p", p, 0.05)


def without_signal(case):
    """For each metric a score that is clearly better than what a model without any signal reaches."""
    target = case.rows.target[case.rows.known]
    if case.regression:
        middle = numpy.abs(target - numpy.median(target))
        return {"r2": 0.05, "rmse": 0.95 * target.std(), "mae": 0.95 * middle.mean(), "median_ae": 0.95 * numpy.median(middle)}
    shares = numpy.bincount(target, minlength=case.rows.n_classes) / len(target)
    yes, flat, entropy = shares[case.ask.get("positive") or 0], 1 / len(shares), stats.entropy(shares)
    return {"roc_auc": 0.55, "roc_auc_ovr": 0.55, "accuracy": shares.max() + 0.05, "balanced_accuracy": flat + 0.05,
            "f1": 2 * yes / (1 + yes) + 0.05, "f1_macro": flat + 0.05, "precision": yes + 0.05, "mcc": 0.05,
            "average_precision": 1.5 * yes + 0.05, "log_loss": 0.95 * entropy, "brier": 0.95 * yes * (1 - yes)}


# --- rows in more than one fold -------------------------------------------------------------------


def duplicates(case):
    rows, generator, by_chance = case.rows, case.random(), [0]
    if not rows.names:
        raise NotChecked("there are no columns but the target")
    case.need(5e-7 * rows.n * len(rows.names))
    across = crossing(rows.keys, rows.fold)
    if across.any():
        by_chance = [crossing(sum(generator.permutation(column) for column in rows.hashes), rows.fold).sum() for _ in range(5)]
    expected, least = float(numpy.mean(by_chance)), max(5, 0.005 * rows.n)
    # Rows with few possible values meet by chance. Copies are told by a value that hardly another row has, or by their labels.
    told_by = [name for name in rows.names if rows.distinct[name] >= (50 if case.types[name] == "float" else max(50, rows.n / 2))]
    copies = across & numpy.any([numpy.zeros(rows.n, dtype=bool), *map(rows.rare, told_by)], axis=0)
    sure = copies.sum() >= least
    says = f"{many(across.sum(), 'row')} of {rows.n:,} have the same values in all given columns as a row of another fold (about {expected:,.0f} are expected by chance)"
    labels = pandas.Series(rows.target[across & rows.known])
    groups = labels.groupby(rows.keys[across & rows.known])
    same = (labels == groups.transform("first"))[groups.cumcount() > 0]
    if len(same):
        usual = (pandas.Series(rows.target[rows.known]).value_counts(normalize=True) ** 2).sum()
        says += f"; their labels agree in {same.mean():.0%} where they are known, {usual:.0%} by chance"
        if not sure and same.mean() >= 0.99 and usual <= 0.9:
            copies, sure = across, True
    least = max(least, 2 * expected + 5) if expected else least
    found = sure and copies.sum() >= least
    return FINDING if found else CLEAN, says, ("rows with a duplicate in another fold", across.sum(), least), rows.row[copies & found]


def near_duplicates(case):
    """Copies with a little noise, or with one other column, stand beside each other when the rows are sorted by a column."""
    rows, used, columns = case.rows, [], []
    names = [name for name in rows.names if case.types[name] in ("int", "float") and rows.distinct[name] >= max(50, rows.n / 5)]
    names = sorted(names, key=rows.distinct.get, reverse=True)[:30]
    case.need(2e-6 * rows.n * len(names))
    for name in names:
        values = typed(rows.cells[name], "float", name).astype("float64")
        spread = numpy.subtract(*numpy.nanquantile(values, [0.75, 0.25])) / 1.35
        alike = (abs(numpy.corrcoef(rows.codes[name], rows.codes[other])[0, 1]) > 0.999 for other in used)  # one in two units
        if 0 < spread < math.inf and not any(alike):
            used.append(name)
            columns.append(numpy.where(rows.rare(name) & numpy.isfinite(values), values / spread, numpy.nan))
    if len(columns) < 3:
        raise NotChecked(f"{many(len(columns), 'column')} with numbers have many different values; 3 are needed")
    near, generator = beside(columns, rows.fold, rows.keys), case.random()
    by_chance = beside([generator.permutation(column) for column in columns], rows.fold, numpy.arange(rows.n)).sum() if near.any() else 0
    says = f"{many(near.sum(), 'row')} of {rows.n:,} are, but for at most one of {len(columns)} columns, those of another fold to 6 digits (about {by_chance:,} are expected by chance)"
    found = near.sum() >= max(5, 0.01 * rows.n, 3 * by_chance)
    return FINDING if found else CLEAN, says, ("share of rows", near.mean(), 0.01), rows.row[near & found], used if found else ()


def beside(columns, fold, keys):
    near = numpy.zeros(len(fold), dtype=bool)
    for by in columns[:3]:
        order = numpy.argsort(by, kind="stable")
        for step in range(1, min(9, len(order))):
            one, two = order[:-step], order[step:]
            agreeing = sum((numpy.abs(column[one] - column[two]) <= 1e-6).astype("int16") for column in columns)
            neither = sum((numpy.isnan(column[one]) & numpy.isnan(column[two])).astype("int16") for column in columns)
            pair = (agreeing >= 3) & (len(columns) - agreeing - neither <= 1) & (fold[one] != fold[two]) & (keys[one] != keys[two])
            near[one[pair]] = near[two[pair]] = True
    return near


def groups(case):
    if case.groups is None:
        return unknown_groups(case)
    known, name = case.groups >= 0, case.ask["group"]
    across = known & crossing(case.groups, case.rows.fold)
    n = len(set(case.groups[across].tolist()))
    says = f"{many(n, 'value')} of {name}, of {len(set(case.groups[known].tolist())):,}, are in more than one fold: {many(across.sum(), 'row')}"
    if n and case.ask["split"] == "time":
        raise NotChecked(f"the split is by time, and whether a group may go on from training to validation depends on the use: {says}")
    return FINDING if n else CLEAN, says, ("groups in more than one fold", n, 0), case.rows.row[across], [name] if n else ()


def left_out(case):
    """Columns that the solution is not given, as positions of their values."""
    if not case.ask.get("ids"):
        return {}
    ids = cells(case.ask["ids"]).replace("", numpy.nan)
    given = ids.set_axis(ids["row"].astype("int64")).reindex(case.rows.row)
    return {name.removeprefix("out:"): pandas.factorize(given[name], sort=True)[0] for name in given if name.startswith("out:")}


def unknown_groups(case):
    """A column whose values are like names: repeated, and the rows of a name are alike, in the target with no order in it or in
    most of the numbers."""
    rows, looked_at = case.rows, 0
    at = rows.labelled()
    answers = rows.answers(at)
    total = answers.var(axis=0).sum()
    outside = left_out(case)
    numbers = [typed(rows.cells[name], "float", name)[at] for name in rows.names if case.types[name] in ("int", "float") and rows.distinct[name] > 10]
    for name, codes in [*rows.codes.items(), *outside.items()]:
        kept = codes[at] >= 0
        values, kind = codes[at][kept], "text" if name in outside else case.types[name]
        n_values = len(numpy.unique(values))
        if n_values < 20 or not 2 <= len(values) / n_values <= 50 or kind not in ("int", "float", "text"):
            continue
        if kind == "float" and (typed(rows.cells[name].dropna(), kind, name) % 1 != 0).any():
            continue
        case.need(2e-6 * answers.size + 0.05, f" after {looked_at} columns")
        looked_at += 1
        crossed = crossing(codes, rows.fold) & (codes >= 0)
        alike = [likeness(values, numpy.asarray(column, dtype="float64")[kept]) for column in numbers] if crossed.any() else []
        alike = [share for share in alike if share is not None]
        if len(alike) >= 2 and numpy.median(alike) >= 0.8:
            says = (f"rows that share a value of {name} are alike: it explains {numpy.median(alike):.0%} of a number's variance in the median of "
                    f"{many(len(alike), 'column')}, and {many(crossed.sum(), 'row')} share a value with another fold")
            return FINDING, says, ("variance between values", float(numpy.median(alike)), 0.8), rows.row[crossed], [name]
        # What the order of the values explains is no sign of a group: age may well predict.
        tree = DecisionTreeRegressor(max_leaf_nodes=8, random_state=0).fit(values[:, None], answers[kept])
        rest = answers[kept] - tree.predict(values[:, None]).reshape(len(values), -1)
        share, generator, across = between(values, rest) / total, case.random(), crossed
        if share >= 0.5 and across.any() and share > max(between(values, generator.permutation(rest)) / total for _ in range(99 if len(at) < 50_000 else 19)):
            says = f"{name} looks like a group: {share:.0%} of the target's variance lies between its {n_values:,} values, and {many(across.sum(), 'row')} share a value with another fold"
            return FINDING, says, ("variance between values", share, 0.5), rows.row[across], [name]
    if not looked_at:
        return CLEAN, "no group is named, and no column has values that repeat as those of a group do"
    return CLEAN, f"no group is named, and none of {many(looked_at, 'column')} with repeated values looks like one"


def likeness(values, numbers):
    """The share of a number's variance that lies between the values of a column; None where it does not vary."""
    known = numpy.isfinite(numbers)
    numbers = numbers[known] - numbers[known].mean() if known.any() else numbers[known]
    if len(numbers) < FEWEST_ROWS or numbers.var() == 0:
        return None
    order = numpy.unique(values[known], return_inverse=True)[1]
    return between(order, numbers[:, None]) / numbers.var() if order.max() + 1 < len(order) else None


def between(values, rest):
    """The part of the variance that lies between values (one-way analysis of variance, unequal sizes)."""
    counts = numpy.bincount(values)
    used = counts > 0
    n, k, counts = len(values), used.sum(), counts[used]
    means = numpy.column_stack([numpy.bincount(values, column) for column in rest.T])[used] / counts[:, None]
    among = (counts[:, None] * (means - rest.mean(axis=0)) ** 2).sum() / (k - 1)
    inside = ((rest**2).sum() - (counts[:, None] * means**2).sum()) / max(n - k, 1)
    return (among - inside) * (k - 1) / (n - (counts**2).sum() / n)


def time_overlap(case):
    if case.times is None:
        raise NotChecked("no time column is known")
    rows, times, known = case.rows, case.times, ~numpy.isnan(case.times)
    if not rows.by_time:
        return target_through_time(case, known)
    late, checked = numpy.zeros(rows.n, dtype=bool), 0
    for fold in rows.folds:
        before, valid = rows.training(fold) & known, (rows.fold == fold) & known
        if before.any() and valid.any():
            checked += 1
            late |= valid & (times < times[before].max())
    if not checked:
        raise NotChecked("no fold has both earlier and validation rows with a time")
    says = f"{many(late.sum(), 'validation row')} lie before the latest training row of their fold, in {many(checked, 'fold')}"
    says += "" if known.all() else f"; {many((~known).sum(), 'row')} without a time were left out"
    found = late.any()
    return FINDING if found else CLEAN, says, ("rows before training ends", late.sum(), 0), rows.row[late], [case.ask["time"]] if found else ()


def target_through_time(case, known):
    rows, generator = case.rows, case.random()
    rows.labelled()
    at = numpy.flatnonzero(rows.known & known)
    at = at[numpy.lexsort((generator.random(len(at)), case.times[at]))][-100_000:]
    answers = rows.answers(at) - rows.answers(at).mean(axis=0)
    case.need(199 * 2e-8 * answers.size)
    likeness = lambda values: (values[1:] * values[:-1]).sum() / (values**2).sum()
    found = likeness(answers)
    p = (1 + sum(likeness(generator.permutation(answers)) >= found for _ in range(199))) / 200
    statistic = ("autocorrelation of the target", found, 0.2)
    if p < 0.01 and found >= 0.2:
        apart = at[1:][rows.fold[at[1:]] != rows.fold[at[:-1]]]
        says = f"rows of the same time are in training and validation, and the target is like that of the row before it in time (autocorrelation {found:.2f}, p = {p:.3g})"
        return FINDING, says, statistic, rows.row[numpy.sort(apart)], [case.ask["time"]]
    return CLEAN, f"the split is not by time, but the target hardly goes with it: its autocorrelation over time is {found:.2f} (p = {p:.3g})", statistic


# --- what predicts too well -----------------------------------------------------------------------


def single_column(case):
    rows = case.rows
    at, sampled = drawn(rows.labelled(), 20_000, case.random())
    truth, answers, fold = rows.target[at], rows.answers(at), rows.fold[at]
    if rows.n_classes and min(numpy.unique(truth, return_counts=True)[1]) < 10:
        raise NotChecked("a class has fewer than 10 rows with a label")
    pairs = [(numpy.flatnonzero(rows.training(one)[at]), numpy.flatnonzero(fold == one)) for one in rows.folds[-5:]]
    pairs = [(train, valid) for train, valid in pairs if len(train) >= 40 and len(valid)]
    if not pairs or not rows.names:
        raise NotChecked("there are no columns, or too few rows in every fold")
    seen = numpy.concatenate([valid for _, valid in pairs])
    measure, limit, limit_null = ("R2 of ranks", 0.97, 0.9) if case.regression else ("lower end of AUC", 0.98, 0.95)
    score = lambda said: explained(answers[seen], said[seen]) if case.regression else auc(truth[seen], said[seen])[1]
    found, scores, unseen, dear = {}, {}, "", 0.02
    for number, name in enumerate(rows.names):
        start, codes = time.monotonic(), rows.codes[name][at]
        try:
            case.need(dear, f" after {number} of {len(rows.names)} columns (all others: {dear * (len(rows.names) - number):.1f} s)")
        except NotChecked as why:
            if not found:
                raise
            unseen = f"; {why}"
            break
        depth, leaf = (6, 5) if case.regression else (3, 20)
        scores[name] = score(alone(codes, case.types[name] == "text", answers, pairs, depth, leaf))
        null = (codes < 0).astype(int)
        if scores[name] >= limit:
            found[name] = f"{name} ({scores[name]:.3f})"
        elif 0 < null.mean() < 1:
            by_null = alone(null, True, answers, pairs, 1, 1)[seen]
            areas = [auc(truth[seen] == one, by_null[:, [one]])[1] for one in set(truth[seen].tolist())] if rows.n_classes else [explained(answers[seen], by_null)]
            if max(areas) >= limit_null:
                found[name] = f"{name} by being null or not ({max(areas):.3f})"
        dear = max(dear, time.monotonic() - start)
    best = max(scores, key=scores.get)
    if found:
        says = f"the target is predicted by one column alone: {', '.join(list(found.values())[:5])} ({measure}; {limit} is the limit){sampled}{unseen}"
        return FINDING, says, (measure, scores[best], limit), (), list(found)
    says = f"no column alone predicts the target: the best is {best} with {scores[best]:.3f} ({measure}; {limit} would be suspicious){sampled}"
    return CLEAN, says, (measure, scores[best], limit)


def fold_shift(case):
    """Adversarial validation: a classifier is to tell the validation rows of a fold from its training rows."""
    rows, seed, limit = case.rows, case.ask["seed"], 0.9 if case.rows.by_time else 0.6
    at, sampled = drawn(numpy.arange(rows.n), int(numpy.clip(4e5 / max(len(rows.names), 1), 1000, 10_000)), case.random())
    if len(at) < FEWEST_ROWS:
        raise NotChecked(f"there are {len(at)} rows; {FEWEST_ROWS} are needed")
    group, splitter, grouped = numpy.arange(len(at)), StratifiedKFold(3, shuffle=True, random_state=seed), case.ask["split"] == "grouped"
    if grouped:  # rows of one group are alike by design
        if case.groups is None:
            raise NotChecked("the split is by groups, but the group of the rows is not known")
        group, splitter = case.groups[at], StratifiedGroupKFold(3, shuffle=True, random_state=seed)
        group = numpy.where(group < 0, rows.n + numpy.arange(len(at)), group)
    names = [name for name in rows.names if len(set(rows.codes[name][at].tolist())) > 1]
    if rows.by_time and case.times is not None:  # a counter of the rows is the time by another name
        names = [name for name in names if name != case.ask["time"] and not abs(stats.spearmanr(case.times[at], rows.codes[name][at], nan_policy="omit").statistic) > 0.99]
    if not names:
        raise NotChecked("there are no columns to tell the folds by")
    table, worst, checked = numpy.column_stack([rows.codes[name][at] for name in names]), None, 0
    dear = 0.2 + 1.5e-6 * table.size
    for fold in rows.folds[-5:]:
        case.need(dear, f" after {many(checked, 'fold')}")
        start, used = time.monotonic(), numpy.flatnonzero(rows.training(fold)[at] | (rows.fold[at] == fold))
        inside = rows.fold[at][used] == fold
        n_yes, n_no = len(set(group[used][inside].tolist())), len(set(group[used][~inside].tolist()))
        if min(n_yes, n_no) < 15:
            continue
        said, pairs = numpy.zeros(len(used)), list(splitter.split(used, inside, group[used] if grouped else None))
        for train, valid in pairs:
            model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=15, learning_rate=0.2, early_stopping=False, random_state=seed)
            said[valid] = model.fit(table[used[train]], inside[train]).decision_function(table[used[valid]])
        area = metrics.roc_auc_score(inside, said)
        checked, dear = checked + 1, max(dear / 2, time.monotonic() - start)
        worst = max(worst or (-1,), (lower_end(area, n_yes, n_no), area, fold, used, inside, pairs), key=lambda one: one[0])
    if worst is None:
        raise NotChecked("no fold has enough rows or groups to tell it from its training rows")
    low, area, fold, used, inside, pairs = worst
    if low <= limit:
        looks = "differ from training rows as drift in time makes them" if low > 0.6 else "look like training rows"
        return CLEAN, f"validation rows {looks}: AUC {area:.2f} at most (fold {fold}){sampled}", ("lower end of AUC", low, limit)
    case.need(dear, f", though fold {fold} can be told from its training rows (AUC {area:.2f})")
    areas = [auc(inside, alone(column[used], case.types[name] == "text", inside[:, None] * 1.0, pairs, 3, 20))[0] for name, column in zip(names, table.T)]
    most = names[int(numpy.argmax(areas))]
    says = f"{'drift: ' if rows.by_time else ''}the validation rows of fold {fold} can be told from its training rows (AUC {area:.2f}, at least {low:.2f}), most of all by {most} (AUC {max(areas):.2f}){sampled}"
    return FINDING, says, ("lower end of AUC", low, limit), rows.row[rows.fold == fold], [most]


def too_good(case):
    run, metric, sign = case.predictions, case.ask["metric"], 1 if case.ask["direction"] == "maximize" else -1
    scores, base = ([one for one in given or [] if one is not None] for given in (case.ask.get("scores"), (case.ask.get("baseline") or {}).get("scores")))
    name, value, low, limit = quality(case, run)
    # What the history shows of the run comes first: the measure below is another number, the same for all metrics.
    shown, under = case.ask.get("shown"), lambda number: f"{math.floor(number * 1e4) / 1e4:.4f}"
    over, end = WEIGHED[name], "," if low == value else f", and its lower end {under(low)} is"
    says, statistic = f"{over} {name} is {under(value)}{end}", (name if low == value else f"lower end of {name}", low, limit)
    exact = run["truth"] == run["predicted"]
    if case.regression and exact.mean() >= 0.99 and len(numpy.unique(run["truth"])) >= len(exact) / 2:
        says = f"too good for a number with many values: {exact.mean():.1%} of predictions are exactly the truth; look at how the target gets into the features"
        return FINDING, says, ("share of exact predictions", exact.mean(), 0.99), run["row"][exact]
    if low >= limit:
        return FINDING, f"too good for data with noise: {shown + '; ' if shown else ''}{says} not below the limit of {limit}; look at the columns that predict most, and when each of them is known", statistic
    folds = pandas.Series(run["predicted"] if run["chances"] is None else run["chances"][:, -1]).groupby(run["fold"])
    if len(scores) >= 3 and max(scores) - min(scores) <= 1e-12 and scores[0] not in (0, 1) and (folds.nunique() > 1).all():
        if metric not in COUNTED or folds.size().min() >= 1000:
            says = f"too good for chance: all {len(scores)} folds score exactly {scores[0]:.6g} with different predictions; look at how the predictions are made"
            return FINDING, says, ("spread of fold scores", max(scores) - min(scores), 1e-12)
    noise, error = (case.ask.get("baseline") or {}).get("noise_sd") or 0, lambda score: score if sign < 0 else math.sqrt(max(1 - score, 0)) if metric == "r2" else 1 - score
    if base and scores and noise > 0 and error(numpy.mean(base)) > 0:
        gain, cut = sign * (numpy.mean(scores) - numpy.mean(base)) / noise, 1 - error(numpy.mean(scores)) / error(numpy.mean(base))
        if gain > 10 and cut > 0.8:
            says = f"too good for a change of model: {metric} is {gain:.0f} times its noise better than the linear baseline, with {cut:.0%} less error; look at the columns that the baseline does not use"
            return FINDING, says, ("error less than the baseline", cut, 0.8)
        shown = f"{shown or f'{metric} in the mean over the folds'}, {abs(gain):.1f} times the noise {'better' if gain >= 0 else 'worse'} than the linear baseline"
    return CLEAN, f"{shown + '; ' if shown else ''}{says} below the limit of {limit}", statistic


WEIGHED = {"R2": "over all predictions together", "accuracy": "over all predictions together", "AUC": "over the folds weighted by rows"}


def quality(case, run):
    """A measure that is the same for all metrics, with its lower end and limit: R2, AUC, or accuracy."""
    truth, predicted = run["truth"], run["predicted"]
    if len(truth) < FEWEST_ROWS or len(numpy.unique(truth)) < 2:
        raise NotChecked(f"{len(truth)} predicted rows have a label; {FEWEST_ROWS} with different ones are needed")
    if case.regression:
        return "R2", explained(truth, predicted), explained(truth, predicted), 0.99
    present = numpy.unique(truth, return_counts=True)[1]
    right, most = (truth == predicted).sum(), present.max() / len(truth)
    # Accuracy is no merit where one class is nearly all: nine tenths of what that class misses must be found.
    low = stats.binomtest(int(right), len(truth)).proportion_ci(0.95, "wilson").low if right / len(truth) >= 0.1 * most + 0.9 else 0.0
    if run["chances"] is None or low >= 0.995:
        return "accuracy", right / len(truth), low, 0.995
    some = [run["fold"] == fold for fold in set(run["fold"].tolist())]
    areas = [(auc(truth[one], run["chances"][one])[0], one.sum()) for one in some if len(set(truth[one].tolist())) > 1]
    if not areas:
        raise NotChecked("every fold has one class only")
    value = numpy.average(*numpy.transpose(areas)[:1], weights=numpy.transpose(areas)[1])
    return "AUC", value, lower_end(value, present.min(), len(truth) - present.min()), 0.995


DEAR_ONES = ("near-duplicates-across-folds", "single-column", "fold-shift")
WITNESSES = {
    "opened-files": ("Files opened", opened_files),
    "labels-withheld": ("Labels withheld", labels_withheld),
    "duplicates-across-folds": ("Duplicates across folds", duplicates),
    "near-duplicates-across-folds": ("Near duplicates across folds", near_duplicates),
    "groups-across-folds": ("Groups across folds", groups),
    "time-overlap": ("Overlap in time", time_overlap),
    "single-column": ("One column alone", single_column),
    "fold-shift": ("Training and validation rows alike", fold_shift),
    "too-good": ("Too good a score", too_good),
    "identical-scores": ("Scores as in another run", identical_scores),
    "label-permutation": ("Shuffled labels", label_permutation),
}

if __name__ == "__main__":
    main(sys.argv[1])
