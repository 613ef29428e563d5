"""Fits one solution on the training rows of one fold and saves its predictions for the validation rows.

Runs inside the sandbox, one process a fold. Everything it may know comes in on standard input: a line of JSON,
then the training rows and the validation rows as CSV. The validation rows come without their labels, so neither
this file nor the solution can look at them. Scores are computed elsewhere, by evaluate.py.

Usage: python -s -P -B -u -X utf8 runner.py FOLD_FOLDER
"""

import csv
import importlib.util
import io
import json
import os
import runpy
import sys
import time
import traceback

ALONE = 400  # rows that are asked again with fewer beside them
NULL = "\\N"


def main(folder):
    close_inherited()
    os.chdir(folder)
    spec, train_csv, valid_csv = read_input()
    events = open("events.jsonl", "a", encoding="utf-8", buffering=1)

    def event(kind, **fields):
        events.write(json.dumps({"type": kind, **fields}) + "\n")

    status, watched = 1, False
    try:
        load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "seeds.py"), "seeds").sow(spec["seed"])
        if spec["kind"] not in WITHOUT_FOLDS:
            watched = True
            watch_opened()
        if spec["kind"] == "script":
            run_script(spec)
        elif spec["kind"] in WITHOUT_FOLDS:
            WITHOUT_FOLDS[spec["kind"]](spec, train_csv, valid_csv)
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
        if watched:
            save("opened.json", sorted(OPENED))
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


OPENED = set()
MOST_OPENED = 10_000


def watch_opened():
    """From here on every file that Python opens is noted. What libraries open without Python is not seen; the sandbox
    bounds both."""

    def note(event, arguments):
        if event == "open" and len(OPENED) < MOST_OPENED and isinstance(arguments[0], (str, bytes)):
            OPENED.add(os.path.abspath(os.fsdecode(arguments[0])))

    sys.addaudithook(note)


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
    train, valid, features, labels, classes = read_fold(spec, train_csv, valid_csv)
    event("loaded", n_train=len(train), n_valid=len(valid))

    if spec["kind"] == "pipeline":
        table = parts_of(spec).run_folder(os.path.dirname(spec["code"]), train, valid, spec["seed"])
        model = parts_of(spec).Answered(table, classes, spec["classes"])
        write_predictions("predictions.csv", spec, model, valid, classes)
        event("predicted", fit_s=None, predict_s=None, n_valid=len(valid))
        return
    fresh, variants = prepare(spec, features, labels, classes, event)
    model = fresh()
    for method in ("fit", "predict"):
        if not callable(getattr(model, method, None)):
            raise TypeError(f"build() returned a {type(model).__name__}, which has no {method}()")

    event("fitting")
    start = time.perf_counter()
    model.fit(features, labels)
    fit_s = time.perf_counter() - start
    event("predicting", fit_s=fit_s)

    start = time.perf_counter()
    write_predictions("predictions.csv", spec, model, valid, classes)
    predict_s = time.perf_counter() - start
    event("predicted", fit_s=fit_s, predict_s=predict_s, n_valid=len(valid))
    if spec["kind"] == "model":
        save("alone.json", answered_alone(spec, model, valid, predict_s))
    if spec.get("diagnose"):
        looked_at = parts_of(spec).diagnosis(fresh, model, valid, features, labels, spec["seed"])
    else:
        looked_at = ((name, kind, make().fit(features, labels), valid) for name, kind, make in variants)
    told = []
    for number, (name, kind, fitted, frame) in enumerate(looked_at):
        write_predictions(f"variant-{number}.csv", spec, fitted, frame, classes)
        told.append({"name": name, "kind": kind})
        save("variants.json", told)


def read_fold(spec, train_csv, valid_csv):
    train = read_frame(train_csv, spec["columns"])
    valid = read_frame(valid_csv, [column for column in spec["columns"] if column[0] != spec["target"]])
    features = train.drop(columns=[spec["target"]])
    dtype = dict(map(tuple, spec["columns"]))[spec["target"]]
    labels = train[spec["target"]]
    if spec["problem"] == "regression":
        return train, valid, features, labels.astype("float64"), []
    classes = [label_of(text, dtype) for text in spec["classes"]]
    return train, valid, features, labels.astype("float64") if dtype == "float" else labels, classes


def write_predictions(path, spec, model, valid, classes):
    import numpy

    predicted = numpy.asarray(model.predict(valid))
    if predicted.ndim == 2 and predicted.shape[1] == 1:
        predicted = predicted[:, 0]
    if predicted.shape != (len(valid),):
        raise ValueError(f"predict returned an array of shape {predicted.shape} for {len(valid)} rows")
    if spec["problem"] == "regression":
        header, rows = ["row", "predicted"], zip(valid.index, predicted.astype("float64"))
    else:
        header, rows = classified(spec, model, valid, predicted, classes)
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows([repr(value) if isinstance(value, float) else value for value in map(plain, row)] for row in rows)


def answered_alone(spec, model, valid, predict_s):
    """Whether a row gets the same answer when fewer rows are asked with it; in an order of time, when later ones are not.

    What differs was computed from the rows to predict, which are not there together when the model is used.
    """
    n = min(len(valid), ALONE)
    if n < 8:
        return {"why": "there are too few rows"}
    if predict_s / len(valid) * n * 3 > 20:
        return {"why": "predicting takes too long to be done again"}
    some = valid.iloc[:n]
    first, second = some.iloc[: n // 2], some.iloc[n // 2 :]
    if spec["split"] == "time":
        if spec.get("time") not in some:
            return {"why": "code is not handed the column of time"}
        late = some[spec["time"]].rank(method="first").to_numpy() > n // 2
        first, second = some[~late], None
    try:
        together, again = answers(spec, model, some), answers(spec, model, some)
        if not same(together, again).all():
            return {"why": "asked the same twice it answers differently"}
        differ = []
        for part in (first, second):
            if part is not None:
                where = some.index.get_indexer(part.index)
                differ += [int(row) for row in part.index[~same(together[where], answers(spec, model, part))]]
    except Exception as error:
        return {"why": f"asked for fewer rows it failed: {type(error).__name__}: {error}"}
    return {"n": n, "rows": differ}


def answers(spec, model, rows):
    import numpy

    if spec["problem"] != "regression" and callable(getattr(model, "predict_proba", None)):
        return numpy.asarray(model.predict_proba(rows), dtype="float64").reshape(len(rows), -1)
    return numpy.asarray(model.predict(rows)).reshape(len(rows), -1)


def same(one, two):
    """Which rows hold the same answers, up to what a batch of another size moves in single precision."""
    import numpy

    if numpy.issubdtype(one.dtype, numpy.floating):
        known = numpy.abs(one[numpy.isfinite(one)])
        spread = (known.mean() if len(known) else 0.0) + 1e-12
        return numpy.isclose(one, two, rtol=1e-4, atol=1e-4 * spread, equal_nan=True).all(axis=1)
    return (one == two).all(axis=1)


def parts_of(spec):
    return sys.modules.get("parts") or load(spec["parts"], "parts")


def plain(value):
    return value.item() if hasattr(value, "item") else value


def prepare(spec, features, labels, classes, event):
    """What makes an unfitted estimator, and the variants that are looked at beside it."""
    module = load(spec["code"], "solution")
    kind = spec["subject_kind"] if spec.get("subject_kind") else spec["kind"]
    if kind == "clean":
        fresh, looked_at, variants = parts_of(spec).cleaning(module, load(spec["baseline"], "baseline"), features)
        save("parts.json", looked_at)
        event("cleaned", n_changed=sum(part.get("n_cells") or 0 for part in looked_at), n_rows=len(features))
        return fresh, variants
    if kind == "features":
        fresh, looked_at, variants = parts_of(spec).features(module, load(spec["baseline"], "baseline"), features, labels)
        save("parts.json", looked_at)
        return fresh, variants
    if kind == "search":
        params = spec.get("params")
        if params is None:
            evaluate = load(spec["evaluate"], "evaluate")
            params, trials = parts_of(spec).search(module, spec, evaluate, features, labels, classes, spec["budget_s"])
            save("trials.json", {"best": params, "trials": trials})
        return lambda: module.build(dict(params)), []
    if not callable(getattr(module, "build", None)):
        raise AttributeError("the solution defines no function build()")
    return module.build, []


def search_all(spec, train_csv, valid_csv):
    """The search on every row outside the holdout: its trials and its best configuration, no score to rely on."""
    _, _, features, labels, classes = read_fold(spec, train_csv, valid_csv)
    module, parts = load(spec["code"], "solution"), parts_of(spec)
    params, trials = parts.search(module, spec, load(spec["evaluate"], "evaluate"), features, labels, classes, spec["budget_s"])
    save("trials.json", {"best": params, "trials": trials})
    os.makedirs("figures", exist_ok=True)
    parts.progress_figure(trials, spec, "figures/search.png")


def check_production(spec, train_csv, valid_csv):
    _, valid, features, labels, classes = read_fold(spec, train_csv, valid_csv)
    fresh, _ = prepare(spec, features, labels, classes, lambda *_, **__: None)
    modules = [sys.modules[name] for name in ("solution", "baseline", "parts") if name in sys.modules]
    save("checks.json", parts_of(spec).production(fresh, modules, features, labels, valid, spec.get("latency_ms")))


def measure_noise(spec, train_csv, valid_csv):
    """The linear baseline, which is ours, on further cuts of the folds: how far its mean moves when nothing changes."""
    import numpy

    _, _, features, labels, classes = read_fold(spec, train_csv, valid_csv)
    module, evaluate = load(spec["code"], "solution"), load(spec["evaluate"], "evaluate")
    means, spreads = [], []
    for cut in spec["cuts"]:
        cut = numpy.asarray(cut)
        scores = []
        for fold in range(spec["n_folds"]):
            trained, held = features[cut != fold], features[cut == fold]
            model = module.build().fit(trained, labels[cut != fold])
            scores.append(score_of(spec, evaluate, model, held, labels[cut == fold], classes))
        if None not in scores:
            means.append(float(numpy.mean(scores)))
            spreads.append(float(numpy.std(scores, ddof=1)))
    save("noise.json", {
        "means": means,
        "sd_over_cuts": float(numpy.std(means, ddof=1)) if len(means) > 1 else None,
        "sd_over_folds": float(numpy.mean(spreads)) if spreads else None,
    })


def score_of(spec, evaluate, model, valid, labels, classes):
    """The deciding metric of a model on rows whose labels are known here."""
    import numpy

    index = {label: position for position, label in enumerate(classes)}
    predicted = numpy.asarray(model.predict(valid))
    request = {"problem": spec["problem"], "positive": spec["positive"], "n_classes": len(classes), "chances": None, "score": None}
    if classes:
        request |= {"truth": [index[plain(value)] for value in labels], "predicted": [index[plain(value)] for value in predicted]}
        chances = numpy.zeros((len(valid), len(classes)))
        chances[:, [index[plain(label)] for label in model.classes_]] = model.predict_proba(valid)
        request["chances"] = chances
    else:
        request |= {"truth": numpy.asarray(labels), "predicted": predicted.astype("float64")}
    return evaluate.number(evaluate.evaluate(request)[spec["metric"]])


def check_folder(spec, train_csv, valid_csv):
    save("checks.json", parts_of(spec).run_tests(os.path.dirname(spec["code"])))


def check_same(spec, train_csv, valid_csv):
    """Old code and new on the same rows."""
    parts = parts_of(spec)
    read_frame(train_csv, spec["columns"]).to_csv("input.csv", index=False)
    data = os.path.abspath("input.csv")
    old = parts.capture(spec["legacy"], data, "legacy", "legacy", spec["captured"])
    new = parts.capture(spec["code"], data, "modern", "modern", spec["captured"])
    save("checks.json", parts.compare_outputs(old, new, spec["tolerance"]))


def make_report(spec, train_csv, valid_csv):
    with open("rows.csv", "wb") as out:
        out.write(train_csv.replace(b"__row__", b"row", 1))
    save("request.json", spec["request"] | {"rows": os.path.abspath("rows.csv"), "out": os.getcwd()})
    sys.argv = [spec["report"], "request.json"]
    runpy.run_path(spec["report"], run_name="__main__")
    os.remove("rows.csv")


def hold_court(spec, train_csv, valid_csv):
    with open("rows.csv", "wb") as out:
        out.write(train_csv.replace(b"__row__", b"row", 1))
    with open("ids.csv", "wb") as out:
        out.write(valid_csv)
    here = os.getcwd()
    save("request.json", spec["request"] | {"rows": f"{here}/rows.csv", "ids": f"{here}/ids.csv" if valid_csv else None, "out": f"{here}/court.json"})
    sys.argv = [spec["court"], "request.json"]
    runpy.run_path(spec["court"], run_name="__main__")
    os.remove("rows.csv")
    if valid_csv:
        os.remove("ids.csv")


WITHOUT_FOLDS = {
    "court": hold_court,
    "search-all": search_all,
    "noise": measure_noise,
    "check": check_production,
    "tests": check_folder,
    "same": check_same,
    "report": make_report,
}


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
    causes, beneath = [], error
    while len(causes) < 5 and (beneath := beneath.__cause__ or beneath.__context__) is not None:
        causes.append(str(beneath)[:2000])
    return {"type": type(error).__name__, "message": str(error)[:2000], "causes": causes, "line": line}


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
