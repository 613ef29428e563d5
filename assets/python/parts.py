"""What a run looks at beside its score: steps, features, columns, sizes, searches, and the checks before production.

Loaded by runner.py inside the sandbox. Whatever is scored here leaves as predictions and is judged by evaluate.py;
only the inner scores of a search are computed here, and they are called that.
"""

import inspect
import io
import json
import os
import subprocess
import sys
import time

import numpy
import pandas
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

MAX_PARTS = 24
MAX_COLUMNS = 30
SHARES = (0.1, 0.25, 0.5)


def doc_of(unit):
    text = inspect.getdoc(unit) or ""
    return " ".join(text.split())[:600]


def name_of(unit):
    return getattr(unit, "__name__", type(unit).__name__)


# --- cleaning -------------------------------------------------------------------------------------


def steps_of(module):
    steps = getattr(module, "STEPS", None)
    if steps is not None:
        return list(steps)
    if callable(getattr(module, "clean", None)):
        return [module.clean]
    raise AttributeError("the cleaning defines neither STEPS nor clean(frame)")


def apply_all(steps):
    def clean(frame):
        frame = frame.copy()
        for step in steps:
            frame = step(frame)
        return frame

    return clean


def profile_of(column):
    """A column in a few words, to be read beside the same column after a step: a range, or how many values."""
    if pandas.api.types.is_numeric_dtype(column) or pandas.api.types.is_datetime64_any_dtype(column):
        if not column.notna().any():
            return "empty"
        low, high = column.min(), column.max()
        if hasattr(low, "date"):
            return f"{low.date()} to {high.date()}"
        return f"{float(low):.4g} to {float(high):.4g}, mean {float(column.mean()):.4g}"
    return f"{column.nunique()} values"


def touched(before, after):
    """Rows and cells that differ, gaps before and after, columns that came and went."""
    if len(after) != len(before):
        raise ValueError(f"a step returned {len(after)} rows for {len(before)}; rows can't be dropped inside a fold")
    changed = numpy.zeros(len(before), dtype=bool)
    n_cells = 0
    nulls, profiles = [0, 0], []
    for name in before.columns:
        if name not in after.columns:
            continue
        old, new = before[name], after[name]
        nulls[0] += int(old.isna().sum())
        nulls[1] += int(new.isna().sum())
        same = (old.astype("object") == new.astype("object")) | (old.isna() & new.isna())
        differs = (~same.fillna(False)).to_numpy()
        n_cells += int(differs.sum())
        changed |= differs
        if differs.any():
            profiles.append(f"{name} {profile_of(old)} → {profile_of(new)}")
    dropped = [name for name in before.columns if name not in after.columns]
    added = [name for name in after.columns if name not in before.columns]
    words = []
    if nulls[0] != nulls[1]:
        words.append(f"gaps {nulls[0]} to {nulls[1]}")
    if added:
        words.append("adds " + ", ".join(map(str, added[:5])))
    if dropped:
        words.append("drops " + ", ".join(map(str, dropped[:5])))
    words += profiles[:3]
    if len(profiles) > 3:
        words.append(f"{len(profiles) - 3} more columns")
    return {"n_rows": int(changed.sum()), "n_cells": n_cells, "change": "; ".join(words) or None}


def cleaning(module, baseline, features):
    """The stack in front of the baseline; what each step touches; the stack without each of its steps."""
    steps = steps_of(module)[:MAX_PARTS]
    frame, parts = features.copy(deep=True), []
    for step in steps:
        after = step(frame.copy(deep=True))
        parts.append({"name": name_of(step), "kind": "step", "doc": doc_of(step), **touched(frame, after)})
        frame = after

    def stacked(some):
        return Pipeline([("clean", FunctionTransformer(apply_all(some))), ("model", baseline.build())])

    variants = [("", "base", baseline.build)]
    if len(steps) > 1:
        for idx, step in enumerate(steps):
            variants.append((name_of(step), "without", lambda idx=idx: stacked(steps[:idx] + steps[idx + 1 :])))
    for name, stack in getattr(module, "STACKS", {}).items():
        parts.append({"name": str(name), "kind": "stack", "doc": ", ".join(map(name_of, stack))})
        variants.append((str(name), "stack", lambda stack=stack: stacked(list(stack))))
    return lambda: stacked(steps), parts, variants


# --- features -------------------------------------------------------------------------------------


class Made(BaseEstimator, TransformerMixin):
    """The columns as they are, and what each unit makes of them; units that learn are fitted with the fold."""

    def __init__(self, units):
        self.units = units

    def fit(self, features, target=None):
        self.fitted_ = []
        for unit in self.units:
            if inspect.isclass(unit):
                unit = unit()
            elif hasattr(unit, "fit"):
                unit = clone(unit) if hasattr(unit, "get_params") else unit
            if hasattr(unit, "fit"):
                unit.fit(features.copy(), target)
            self.fitted_.append(unit)
        return self

    def transform(self, features):
        made = [features]
        for unit, origin in zip(self.fitted_, self.units):
            made.append(column_of(unit, name_of(origin), features))
        return pandas.concat(made, axis=1)


def column_of(unit, name, features):
    values = unit.transform(features.copy()) if hasattr(unit, "transform") else unit(features.copy())
    if isinstance(values, pandas.DataFrame):
        frame = values.set_axis([f"{name}: {column}" for column in values.columns], axis=1)
    elif isinstance(values, pandas.Series):
        frame = values.rename(name).to_frame()
    else:
        values = numpy.asarray(values)
        values = values.reshape(len(features), -1)
        columns = [name] if values.shape[1] == 1 else [f"{name}: {number}" for number in range(values.shape[1])]
        frame = pandas.DataFrame(values, columns=columns)
    if len(frame) != len(features):
        raise ValueError(f"the feature {name} has {len(frame)} values for {len(features)} rows")
    frame.index = features.index
    for column in frame.columns:
        if pandas.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype("float64").replace([numpy.inf, -numpy.inf], numpy.nan)
        elif not pandas.api.types.is_datetime64_any_dtype(frame[column]):
            frame[column] = frame[column].astype("object").where(frame[column].notna(), None)
    return frame


def cost_of(unit, features):
    """Microseconds for one row, the best of three, at most two thousand rows at once."""
    few = features.head(2000)
    best = None
    for _ in range(3):
        start = time.perf_counter()
        column_of(unit, "x", few)
        spent = (time.perf_counter() - start) / max(1, len(few)) * 1e6
        best = spent if best is None else min(best, spent)
    return best


def features(module, baseline, frame, labels):
    units = list(getattr(module, "FEATURES", []))[:MAX_PARTS]
    if not units:
        raise AttributeError("the module's list FEATURES is empty or missing")
    parts = []
    for unit in units:
        part = {"name": name_of(unit), "kind": "feature", "doc": doc_of(unit)}
        made = Made([unit]).fit(frame, labels)
        column = column_of(made.fitted_[0], name_of(unit), frame)
        part["us_per_row"] = cost_of(made.fitted_[0], frame)
        notes = []
        empty = float(column.isna().to_numpy().mean())
        if empty > 0.5:
            notes.append(f"{100 * empty:.0f} % of its values are missing")
        if all(column[name].nunique(dropna=True) < 2 for name in column.columns):
            notes.append("it has the same value in every row")
        part["note"] = "; ".join(notes) or None
        parts.append(part)

    def made(some):
        return Pipeline([("features", Made(list(some))), ("model", baseline.build())])

    variants = [("", "base", baseline.build)]
    if len(units) > 1:
        variants += [(name_of(unit), "feature", lambda unit=unit: made([unit])) for unit in units]
    return lambda: made(units), parts, variants


# --- search ---------------------------------------------------------------------------------------


def inner_folds(spec, frame, labels):
    from sklearn.model_selection import KFold, StratifiedKFold, TimeSeriesSplit

    if spec["split"] == "time":
        return list(TimeSeriesSplit(3).split(frame))
    if spec["problem"] == "regression":
        return list(KFold(3, shuffle=True, random_state=spec["seed"]).split(frame))
    n_least = int(labels.value_counts().min()) if len(labels) else 0
    splitter = StratifiedKFold if n_least >= 3 else KFold
    return list(splitter(3, shuffle=True, random_state=spec["seed"]).split(frame, labels))


def inner_score(spec, evaluate, model, frame, labels, classes):
    """The primary metric as the evaluator computes it."""
    predicted = numpy.asarray(model.predict(frame)).reshape(len(frame))
    request = {"problem": spec["problem"], "positive": spec["positive"], "n_classes": len(classes), "chances": None,
               "score": None}
    if spec["problem"] == "regression":
        request |= {"truth": labels.to_numpy(), "predicted": predicted}
    else:
        index = {label: position for position, label in enumerate(classes)}
        request |= {"truth": [index[label] for label in labels], "predicted": [index[plain(label)] for label in predicted]}
        if hasattr(model, "predict_proba"):
            chances = numpy.zeros((len(frame), len(classes)))
            for column, label in enumerate(model.classes_):
                chances[:, index[plain(label)]] = model.predict_proba(frame)[:, column]
            request["chances"] = chances
    return evaluate.number(evaluate.evaluate(request)[spec["metric"]])


def plain(value):
    return value.item() if hasattr(value, "item") else value


def search(module, spec, evaluate, frame, labels, classes, budget_s):
    """Trials within a budget of time; the first is what the module would build without a search."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for name in ("space", "build"):
        if not callable(getattr(module, name, None)):
            raise AttributeError(f"the search defines no function {name}()")
    folds = inner_folds(spec, frame, labels)
    direction = spec["direction"]
    study = optuna.create_study(
        direction=direction,
        sampler=optuna.samplers.TPESampler(seed=spec["seed"], n_startup_trials=8),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=0),
    )
    for known in [getattr(module, "FIRST", None), *spec.get("known", [])]:
        if known:
            study.enqueue_trial(known, skip_if_exists=True)

    def objective(trial):
        params = module.space(trial)
        scores = []
        for number, (train, valid) in enumerate(folds):
            model = module.build(dict(params))
            model.fit(frame.iloc[train], labels.iloc[train])
            score = inner_score(spec, evaluate, model, frame.iloc[valid], labels.iloc[valid], classes)
            if score is None:
                continue
            scores.append(score)
            trial.report(sum(scores) / len(scores), number)
            if number + 1 < len(folds) and trial.should_prune():
                raise optuna.TrialPruned()
        if not scores:
            raise ValueError(f"{spec['metric']} is not defined on any inner fold")
        trial.set_user_attr("params", {name: plain(value) for name, value in params.items()})
        return sum(scores) / len(scores)

    limit = getattr(module, "N_TRIALS", None) or 1000
    start = time.perf_counter()
    errors = []
    # One trial always; another only while there is time for one like the last.
    for number in range(int(limit)):
        before = time.perf_counter()
        try:
            study.optimize(objective, n_trials=1)
        except (TypeError, AttributeError, ImportError, NameError):
            raise
        except Exception as error:  # noqa: BLE001 - a configuration that does not work is a failed trial
            errors.append(f"{type(error).__name__}: {error}")
            if len(errors) >= 5 and len(errors) == number + 1:
                raise
        took = time.perf_counter() - before
        if time.perf_counter() - start + took > budget_s:
            break
    done = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    if not done:
        raise RuntimeError("no configuration could be evaluated: " + (errors[0] if errors else "all were pruned"))
    trials = [
        {
            "number": trial.number, "state": trial.state.name.lower(),
            "value": trial.value if trial.state.name == "COMPLETE" else trial.intermediate_values.get(max(trial.intermediate_values, default=0)),
            "params": trial.user_attrs.get("params", dict(trial.params)),
            "seconds": trial.duration.total_seconds() if trial.duration else None,
        }
        for trial in study.trials
    ]
    return study.best_trial.user_attrs.get("params", study.best_params), trials


def progress_figure(trials, spec, path):
    """Every trial and the best so far."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    done = [trial for trial in trials if trial["state"] == "complete"]
    best, line = None, []
    for trial in done:
        better = best is None or (trial["value"] > best if spec["direction"] == "maximize" else trial["value"] < best)
        best = trial["value"] if better else best
        line.append(best)
    figure, axes = pyplot.subplots(figsize=(7, 4))
    axes.plot([trial["number"] for trial in done], [trial["value"] for trial in done], "o", color="#7a8ca0", label="trial")
    axes.plot([trial["number"] for trial in done], line, color="#2b6cb0", label="best so far")
    axes.set_xlabel("trial")
    axes.set_ylabel(f"inner {spec['metric']}")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


# --- diagnosis ------------------------------------------------------------------------------------


def diagnosis(fresh, fitted, valid, train, labels, seed):
    """Predictions with one column shuffled, and of models trained on less: what each row carries, what more rows would."""
    generator = numpy.random.default_rng(seed)
    variants = []
    for name in list(valid.columns)[:MAX_COLUMNS]:
        shuffled = valid.copy()
        shuffled[name] = shuffled[name].to_numpy()[generator.permutation(len(valid))]
        variants.append((str(name), "importance", fitted, shuffled))
    for share in SHARES:
        n = int(len(train) * share)
        if n < 20:
            continue
        rows = generator.permutation(len(train))[:n]
        some = labels.iloc[rows]
        if some.nunique() < 2:
            continue
        variants.append((str(share), "learning", fresh().fit(train.iloc[rows], some), valid))
    return variants


# --- checks before production ---------------------------------------------------------------------


def check(name, standing, detail):
    return {"name": name, "standing": standing, "detail": detail}


def answers(model, frame):
    chances = getattr(model, "predict_proba", None)
    return numpy.asarray(chances(frame) if callable(chances) else model.predict(frame))


def same(left, right):
    if left.shape != right.shape:
        return False
    if left.dtype.kind in "fc":
        return bool(numpy.allclose(left, right, rtol=0, atol=1e-12, equal_nan=True))
    return bool((left == right).all())


def production(fresh, modules, train, labels, valid, latency_ms):
    import cloudpickle

    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    checks = []
    model = fresh()
    model.fit(train, labels)
    expected = answers(model, valid)

    data = cloudpickle.dumps(model)
    with open("model.pkl", "wb") as out:
        out.write(data)
    valid.to_pickle("valid.pkl")
    numpy.save("expected.npy", expected, allow_pickle=True)
    code = (
        "import pickle, numpy, sys\n"
        "model = pickle.load(open('model.pkl', 'rb')); import pandas\n"
        "valid = pandas.read_pickle('valid.pkl')\n"
        "chances = getattr(model, 'predict_proba', None)\n"
        "numpy.save('again.npy', numpy.asarray(chances(valid) if callable(chances) else model.predict(valid)))\n"
    )
    again = subprocess.run([sys.executable, "-s", "-P", "-B", "-c", code], capture_output=True, text=True)
    size = f"{len(data) / 1e6:.1f} MB"
    if again.returncode:
        last = (again.stderr.strip().splitlines() or ["it said nothing"])[-1]
        checks.append(check("serialises", "fail", f"another process can't load it: {last}"))
    else:
        equal = same(numpy.load("again.npy", allow_pickle=True), expected)
        checks.append(check("serialises", "pass" if equal else "fail",
                            f"saved ({size}), loaded in another process, {'equal' if equal else 'different'} answers for {len(valid)} rows"))
    twin = fresh()
    twin.fit(train, labels)
    equal = same(answers(twin, valid), expected)
    checks.append(check("repeatable", "pass" if equal else "fail",
                        f"fitted twice on the same rows: {'equal' if equal else 'different'} answers"))

    times = []
    for number in range(min(200, 4 * len(valid))):
        row = valid.iloc[[number % len(valid)]]
        start = time.perf_counter()
        answers(model, row)
        times.append((time.perf_counter() - start) * 1e3)
    p50, p95 = (float(numpy.quantile(times, q)) for q in (0.5, 0.95))
    said = f"one row takes {p50:.1f} ms (median), {p95:.1f} ms (95 %), of {len(times)}"
    if latency_ms is None:
        checks.append(check("latency", "not-checked", said + "; no limit was stated"))
    else:
        checks.append(check("latency", "pass" if p95 <= latency_ms else "fail", f"{said}; the limit is {latency_ms:g} ms"))

    checks.append(robust("missing_values", model, emptied(valid), "a row without any value"))
    checks.append(robust("unseen_values", model, unseen(valid), "a category that was not there in training"))
    turned = valid[list(valid.columns)[::-1]]
    try:
        equal = same(answers(model, turned), expected)
        checks.append(check("column_order", "pass" if equal else "fail",
                            f"columns in another order: {'equal' if equal else 'different'} answers"))
    except Exception as error:  # noqa: BLE001 - refusing is an answer
        checks.append(check("column_order", "pass", f"columns in another order are refused: {type(error).__name__}"))
    checks += rejects(model, valid)
    return checks


def emptied(valid):
    row = valid.head(1).copy()
    for name in row.columns:
        if row[name].dtype.kind in "iub":
            row[name] = row[name].astype("float64")
        row[name] = pandas.NaT if row[name].dtype.kind == "M" else (numpy.nan if row[name].dtype.kind == "f" else None)
    return row


def unseen(valid):
    row = valid.head(1).copy()
    for name in row.columns:
        if row[name].dtype == object:
            row[name] = "a value that nobody has seen"
    return row


def robust(name, model, row, what):
    try:
        values = answers(model, row)
        fine = values.dtype.kind not in "f" or bool(numpy.isfinite(values).all())
        return check(name, "pass" if fine else "fail", f"{what} gets {'an answer' if fine else 'no finite answer'}")
    except Exception as error:  # noqa: BLE001 - it is told
        return check(name, "fail", f"{what} ends in {type(error).__name__}: {str(error)[:120]}")


def rejects(model, valid):
    """Whether rows that can't be right are refused rather than answered."""
    silent, refused = [], []

    def attempt(what, frame):
        try:
            answers(model, frame)
            silent.append(what)
        except Exception:  # noqa: BLE001 - refusing is what is wanted
            refused.append(what)

    attempt("a missing column", valid.head(1).drop(columns=valid.columns[0]))
    numbers = [name for name in valid.columns if valid[name].dtype.kind in "fi"]
    if numbers:
        attempt(f"words in {numbers[0]}", valid.head(1).astype({numbers[0]: object}).assign(**{numbers[0]: "many"}))
        attempt(f"an infinite {numbers[0]}", valid.head(1).astype({numbers[0]: float}).assign(**{numbers[0]: numpy.inf}))
    said = f"refuses {', '.join(refused) or 'nothing'}"
    if silent:
        said += f"; answers {', '.join(silent)} as if it were fine: validate before it"
    return [check("rejects_bad_rows", "fail" if silent else "pass", said)]


# --- a folder of files ----------------------------------------------------------------------------


def run_tests(code):
    """The folder's own tests, in a process of their own."""
    script = (
        "import io, json, sys, unittest\n"
        f"sys.path.insert(0, {code!r})\n"
        f"suite = unittest.defaultTestLoader.discover({os.path.join(code, 'tests')!r}, top_level_dir={code!r})\n"
        "out = io.StringIO()\n"
        "result = unittest.TextTestRunner(out, verbosity=0).run(suite)\n"
        "bad = [(str(test), text.strip().splitlines()[-1]) for test, text in result.failures + result.errors]\n"
        "skipped = [(str(test), why) for test, why in result.skipped]\n"
        "json.dump({'n': result.testsRun, 'bad': bad, 'skipped': skipped}, open('tests.json', 'w'))\n"
        "sys.stderr.write(out.getvalue()[-8000:])\n"
    )
    subprocess.run([sys.executable, "-s", "-P", "-B", "-X", "utf8", "-c", script], check=False)
    if not os.path.exists("tests.json"):
        return [check("tests", "fail", "the tests could not be started; the log says why")]
    with open("tests.json", encoding="utf-8") as file:
        told = json.load(file)
    n_passed = told["n"] - len(told["bad"]) - len(told["skipped"])
    checks = []
    if told["bad"]:
        name, why = told["bad"][0]
        checks.append(check("tests", "fail", f"{len(told['bad'])} of {told['n']} fail; first {name.split()[0]}: {why[:200]}"))
    elif n_passed == 0:
        checks.append(check("tests", "fail", "there are none, or all were skipped"))
    else:
        checks.append(check("tests", "pass", f"{n_passed} passed"))
    if told["skipped"]:
        why = ", ".join(sorted({why for _, why in told["skipped"]}))[:200]
        checks.append(check("skipped tests", "not-checked", f"{len(told['skipped'])}: {why}"))
    return checks


def run_folder(code, train_csv, valid_csv, seed):
    """`train.py`, then `predict.py`, as a person would call them. Returns the table of answers."""
    for name, data in (("train-rows.csv", train_csv), ("valid-rows.csv", valid_csv)):
        data.to_csv(name, index=False)
    for arguments in (
        ["train.py", "--data", "train-rows.csv", "--model", "model"],
        ["predict.py", "--data", "valid-rows.csv", "--model", "model", "--out", "answers.csv"],
    ):
        script = os.path.join(code, arguments[0])
        run = f"import runpy, sys; runpy.run_path({sys.modules['seeds'].__file__!r})['sow']({seed}); sys.path.insert(0, {code!r}); sys.argv = {[script, *arguments[1:]]!r}; runpy.run_path({script!r}, run_name='__main__')"
        done = subprocess.run([sys.executable, "-s", "-P", "-B", "-X", "utf8", "-c", run], stderr=subprocess.PIPE, text=True)
        sys.stderr.write(done.stderr[-8000:])
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise RuntimeError(f"{arguments[0]} ended with status {done.returncode}: {last}")
    table = pandas.read_csv("answers.csv", dtype={"prediction": str}, keep_default_na=False)
    if "prediction" not in table.columns or len(table) != len(valid_csv):
        raise ValueError(f"predict.py wrote {len(table)} rows with the columns {list(table.columns)}; {len(valid_csv)} rows with a column prediction were expected")
    return table


class Answered:
    """The answers of a folder as an estimator that has been asked already."""

    def __init__(self, table, classes, labels):
        self.table, self.classes_, self.labels = table, classes, labels
        if not all(f"p({name})" in table.columns for name in labels) or not labels:
            self.predict_proba = None

    def predict(self, frame):
        values = self.table["prediction"]
        if not self.labels:
            return values.astype("float64").to_numpy()
        known = dict(zip(self.labels, self.classes_))
        missing = sorted(set(values) - set(known))
        if missing:
            raise ValueError(f"predict.py answers {missing[0]!r}; the classes are {list(known)}")
        return numpy.array([known[value] for value in values], dtype=object)

    def predict_proba(self, frame):
        return self.table[[f"p({name})" for name in self.labels]].astype("float64").to_numpy()


# --- old code and new -----------------------------------------------------------------------------


def capture(path, data, folder, entry, shims):
    """Runs a script on the fixed input in a process of its own and keeps what it leaves: names, files, numbers printed."""
    os.makedirs(folder, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-s", "-P", "-B", "-X", "utf8", shims, path, data, entry],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    sys.stderr.write(done.stderr[-4000:])
    if done.returncode or not os.path.exists(os.path.join(folder, "captured.json")):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RuntimeError(f"{os.path.basename(path)} ended with status {done.returncode}: {last}")
    with open(os.path.join(folder, "captured.json"), encoding="utf-8") as file:
        return json.load(file)


def numbers_in(values):
    return [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]


def compare_outputs(old, new, tolerance):
    """Every output that both have by name, value by value."""
    checks, n_compared = [], 0
    for name in sorted(set(old) & set(new)):
        left, right = old[name], new[name]
        n_compared += 1
        if len(left) != len(right):
            checks.append(check(name, "fail", f"the old code gives {len(left)} values, the new one {len(right)}"))
            continue
        differ, most = [], 0.0
        for row, (a, b) in enumerate(zip(left, right)):
            if isinstance(a, (int, float)) and isinstance(b, (int, float)):
                both_nan = a != a and b != b
                gap = 0.0 if both_nan else abs(a - b)
                if gap > tolerance or gap != gap:
                    differ.append((row, a, b))
                    most = max(most, gap)
            elif str(a) != str(b):
                differ.append((row, a, b))
        if not differ:
            checks.append(check(name, "pass", f"{len(left)} values agree within {tolerance:g}"))
        else:
            shown = "; ".join(f"row {row}: {a} and {b}" for row, a, b in differ[:5])
            extra = f", at most by {most:.6g}" if most else ""
            checks.append(check(name, "fail", f"{len(differ)} of {len(left)} values differ{extra}: {shown}"))
    only = sorted(set(old) - set(new))
    if not n_compared:
        checks.append(check("outputs", "fail", f"no output has a name that both share; the old code leaves {', '.join(only[:8]) or 'none'}"))
    elif only:
        checks.append(check("other outputs", "not-checked", f"only the old code leaves {', '.join(only[:8])}"))
    return checks
