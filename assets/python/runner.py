"""Fits one solution on the training rows of one fold and saves its predictions for the validation rows.

Runs inside the sandbox, one process a fold. Everything it may know comes in on standard input: a line of JSON,
then the training rows and the validation rows as CSV. The validation rows come without their labels, so neither
this file nor the solution can look at them. Scores are computed elsewhere, by evaluate.py.

Usage: python -I -B -u -X utf8 runner.py FOLD_FOLDER
"""

import csv
import importlib.util
import io
import json
import os
import random
import runpy
import sys
import time
import traceback

NULL = "\\N"


def main(folder):
    close_inherited()
    os.chdir(folder)
    spec, train_csv, valid_csv = read_input()
    events = open("events.jsonl", "a", encoding="utf-8", buffering=1)

    def event(kind, **fields):
        events.write(json.dumps({"type": kind, **fields}) + "\n")

    status = 1
    try:
        import numpy

        random.seed(spec["seed"])
        numpy.random.seed(spec["seed"] % 2**32)
        if spec["kind"] == "script":
            run_script(spec)
        else:
            run_solution(spec, train_csv, valid_csv, event)
        status = 0
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if status:
            save("error.json", {"type": "SystemExit", "message": f"the code ended itself with status {status}", "line": None})
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told and not swallowed
        save("error.json", describe(error, spec["code"]))
        traceback.print_exception(error, limit=-12)
    finally:
        save_figures()
        events.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # threads and exit hooks of libraries are not waited for


def close_inherited():
    """Files that whoever started the workbench left open could be read in spite of the sandbox."""
    try:
        highest = max(int(name) for name in os.listdir("/dev/fd"))
    except OSError:
        highest = 65_535
    os.closerange(3, highest + 1)


def read_input():
    raw = sys.stdin.buffer
    spec = json.loads(raw.readline())
    train, valid = raw.read(spec["n_train_bytes"]), raw.read(spec["n_valid_bytes"])
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    return spec, train, valid


def read_frame(data, columns):
    """A frame with the types that the workbench found, whatever pandas would guess."""
    import pandas

    names = [name for name, _ in columns]
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    index = [int(row[0]) for row in rows[1:]]
    cells = list(zip(*(row[1:] for row in rows[1:]))) if len(rows) > 1 else [()] * len(names)
    frame = {name: typed(values, dtype) for (name, dtype), values in zip(columns, cells)}
    return pandas.DataFrame(frame, index=pandas.Index(index, name="row"), columns=names)


def typed(values, dtype):
    import numpy
    import pandas

    if dtype == "int":
        return numpy.array([int(value) for value in values], dtype="int64")
    if dtype == "float":
        return numpy.array([float("nan") if value == NULL else float(value) for value in values], dtype="float64")
    if dtype == "bool":
        if NULL in values:
            return numpy.array([float("nan") if value == NULL else float(value == "true") for value in values])
        return numpy.array([value == "true" for value in values], dtype="bool")
    if dtype == "time":
        return pandas.to_datetime([None if value == NULL else value for value in values], format="ISO8601")
    return pandas.Series([None if value == NULL else value for value in values], dtype="object").to_numpy()


def label_of(text, dtype):
    """A class as the solution sees it."""
    if dtype in ("int", "float"):
        number = float(text)
        return int(number) if number.is_integer() and dtype == "int" else number
    return text == "true" if dtype == "bool" else text


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, os.path.dirname(path))
    spec.loader.exec_module(module)
    return module


def run_solution(spec, train_csv, valid_csv, event):
    import numpy

    train = read_frame(train_csv, spec["columns"])
    valid = read_frame(valid_csv, [column for column in spec["columns"] if column[0] != spec["target"]])
    features = train.drop(columns=[spec["target"]])
    dtype = dict(map(tuple, spec["columns"]))[spec["target"]]
    event("loaded", n_train=len(train), n_valid=len(valid))

    module = load(spec["code"], "solution")
    model = build(module, spec, features, event)
    labels = train[spec["target"]]
    if spec["problem"] != "regression":
        classes = [label_of(text, dtype) for text in spec["classes"]]
        if dtype == "float":
            labels = labels.astype("float64")
    else:
        labels = labels.astype("float64")

    event("fitting")
    start = time.perf_counter()
    model.fit(features, labels)
    fit_s = time.perf_counter() - start
    event("predicting", fit_s=fit_s)

    start = time.perf_counter()
    predicted = numpy.asarray(model.predict(valid))
    predict_s = time.perf_counter() - start
    if predicted.ndim == 2 and predicted.shape[1] == 1:
        predicted = predicted[:, 0]
    if predicted.shape != (len(valid),):
        raise ValueError(f"predict returned an array of shape {predicted.shape} for {len(valid)} rows")

    if spec["problem"] == "regression":
        header, rows = ["row", "predicted"], zip(valid.index, predicted.astype("float64"))
    else:
        header, rows = classified(spec, model, valid, predicted, classes)
    with open("predictions.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows([repr(value) if isinstance(value, float) else value for value in map(plain, row)] for row in rows)
    event("predicted", fit_s=fit_s, predict_s=predict_s, n_valid=len(valid))


def plain(value):
    return value.item() if hasattr(value, "item") else value


def build(module, spec, features, event):
    if spec["kind"] == "clean":
        return cleaned(module, spec, features, event)
    if not callable(getattr(module, "build", None)):
        raise AttributeError("the solution defines no function build()")
    model = module.build()
    for method in ("fit", "predict"):
        if not callable(getattr(model, method, None)):
            raise TypeError(f"build() returned a {type(model).__name__}, which has no {method}()")
    return model


def cleaned(module, spec, features, event):
    """The cleaning in front of the linear baseline, and a report of what it touched."""
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    if not callable(getattr(module, "clean", None)):
        raise AttributeError("the cleaning defines no function clean(frame)")
    before = features.copy(deep=True)
    after = module.clean(features.copy(deep=True))
    if len(after) != len(before):
        raise ValueError(f"clean() returned {len(after)} rows for {len(before)}; rows can't be dropped inside a fold")
    report = []
    for name in before.columns:
        if name not in after.columns:
            report.append({"column": name, "dropped": True, "n_changed": None, "n_null_before": int(before[name].isna().sum()), "n_null_after": None})
            continue
        old, new = before[name], after[name]
        same = (old.astype("object") == new.astype("object")) | (old.isna() & new.isna())
        report.append({
            "column": name, "dropped": False, "n_changed": int((~same.fillna(False)).sum()),
            "n_null_before": int(old.isna().sum()), "n_null_after": int(new.isna().sum()),
        })
    added = [name for name in after.columns if name not in before.columns]
    save("report.json", {"n_rows": len(before), "columns": report, "added": added})
    event("cleaned", n_changed=sum(line["n_changed"] or 0 for line in report), n_rows=len(before))
    baseline = load(spec["baseline"], "baseline")
    return Pipeline([("clean", FunctionTransformer(module.clean)), ("model", baseline.build())])


def classified(spec, model, valid, predicted, classes):
    import numpy

    index = {label: position for position, label in enumerate(classes)}

    def position(label):
        label = plain(label)
        if label not in index:
            raise ValueError(f"predict returned the class {label!r}; the classes are {classes}")
        return index[label]

    header, table = ["row", "predicted"], [list(valid.index), [position(label) for label in predicted]]
    known = getattr(model, "classes_", None)
    known = list(range(0)) if known is None else [plain(label) for label in known]
    if callable(getattr(model, "predict_proba", None)):
        chances = numpy.asarray(model.predict_proba(valid), dtype="float64")
        if chances.shape != (len(valid), len(known)):
            raise ValueError(f"predict_proba returned shape {chances.shape}; {len(valid)} rows and {len(known)} classes were expected")
        full = numpy.zeros((len(valid), len(classes)))
        for column, label in enumerate(known):
            full[:, position(label)] = chances[:, column]
        header += [f"p{number}" for number in range(len(classes))]
        table += [list(map(float, column)) for column in full.T]
    elif callable(getattr(model, "decision_function", None)) and len(classes) == 2:
        scores = numpy.asarray(model.decision_function(valid), dtype="float64").reshape(-1)
        sign = 1.0 if position(known[-1]) == 1 else -1.0
        header.append("score")
        table.append(list(map(float, sign * scores)))
    return header, zip(*table)


def run_script(spec):
    """A free script: it gets the path of the training rows, and what it reports is marked as its own."""
    os.environ["RATIONALE_DATA"] = spec["data"]
    os.environ["RATIONALE_TARGET"] = spec["target"]
    sys.argv = [spec["code"]]
    sys.path.insert(0, os.path.dirname(spec["code"]))
    runpy.run_path(spec["code"], run_name="__main__")


def describe(error, code):
    line = None
    if isinstance(error, SyntaxError) and error.filename == code:
        line = error.lineno
    for step in traceback.extract_tb(error.__traceback__):
        if step.filename == code:
            line = step.lineno
    return {"type": type(error).__name__, "message": str(error)[:2000], "line": line}


def save(name, value):
    with open(name, "w", encoding="utf-8") as out:
        json.dump(value, out)


def save_figures():
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    try:
        os.makedirs("figures", exist_ok=True)
        for number in pyplot.get_fignums()[:20]:
            pyplot.figure(number).savefig(f"figures/figure-{number}.png", dpi=100)
    except Exception as error:  # noqa: BLE001 - a figure is not worth a run
        print(f"a figure could not be saved: {error}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
