"""Computes one metric of the user's own from saved predictions and the labels that the solution never saw.

A process of its own beside the evaluator: what goes wrong in the user's file ends here, and every other score is still
computed. What that file prints goes to the log, so that it can't be taken for an answer.

One line of JSON in, one out, for each fold; the first answer comes before any request.
Answer:   {"value": 12.5, "why": null}, or {"value": null, "why": "score() returned nan"}.

Usage: python -I -B -u -X utf8 own_metric.py METRIC.py
"""

import csv
import io
import json
import math
import numbers
import os
import sys
import traceback
import warnings

warnings.filterwarnings("ignore")

NULL = "\\N"


def main(path):
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(value, why):
        answers.write(json.dumps({"value": value, "why": why}) + "\n")
        answers.flush()

    try:
        score = load(path)
    except BaseException as error:
        return answer(None, f"it can't be loaded: {told(error, path)}")
    answer(None, None)
    for line in sys.stdin:
        try:
            answer(*checked(called(score, json.loads(line), path)))
        except BaseException as error:
            answer(None, told(error, path))


def load(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    space = {"__name__": "metric", "__file__": path}
    exec(compile(text, path, "exec"), space)
    if not callable(space.get("score")):
        raise TypeError("it defines no score()")
    return space["score"]


def called(score, request, path):
    truth, prediction = handed(request)
    if request["rows"] is None:
        return score(truth, prediction)
    return score(truth, prediction, rows=frame(request["rows"], request["columns"]))


def handed(request):
    """Truth and prediction as they are documented for each kind of problem."""
    import numpy

    problem, needs, positive = request["problem"], request["needs"], request["positive"]
    truth, predicted = numpy.asarray(request["truth"]), numpy.asarray(request["predicted"])
    if problem == "regression":
        return truth.astype("float64"), predicted.astype("float64")
    chances = None
    if needs == "probability":
        if request["chances"] is None:
            raise LookupError("the metric needs probabilities, and this model gives none")
        chances = numpy.asarray(request["chances"], dtype="float64")
    if problem == "binary":
        truth = (truth == positive).astype("int64")
        return truth, (predicted == positive).astype("int64") if chances is None else chances[:, positive]
    if chances is not None:
        return truth.astype("int64"), chances
    names = numpy.asarray(request["classes"], dtype=object)
    return names[truth.astype("int64")], names[predicted.astype("int64")]


def frame(text, columns):
    """The rows as pandas has them, with the types that the workbench found."""
    import pandas

    rows = list(csv.reader(io.StringIO(text, newline="")))
    index = [int(row[0]) for row in rows[1:]]
    cells = list(zip(*(row[1:] for row in rows[1:]))) if len(rows) > 1 else [()] * len(columns)
    values = {name: typed(cell, dtype) for (name, dtype), cell in zip(columns, cells)}
    return pandas.DataFrame(values, index=pandas.Index(index, name="row"), columns=[name for name, _ in columns])


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


def checked(value):
    """A finite number, or why it is none."""
    import numpy

    if value is None:
        return None, "score() returned None instead of a number"
    if isinstance(value, (numpy.ndarray, list, tuple, dict, set)) or hasattr(value, "columns"):
        shape = getattr(value, "shape", None)
        if isinstance(value, numpy.ndarray) and shape == ():
            value = value.item()
        else:
            of = f" of shape {tuple(shape)}" if shape is not None else ""
            return None, f"score() returned {article(type(value).__name__)}{of} instead of a number"
    if isinstance(value, (bool, numpy.bool_)):
        return None, "score() returned True or False instead of a number"
    if not isinstance(value, numbers.Real) and not isinstance(value, numpy.number):
        return None, f"score() returned {article(type(value).__name__)} instead of a number"
    if isinstance(value, (complex, numpy.complexfloating)):
        return None, "score() returned a complex number"
    value = float(value)
    if not math.isfinite(value):
        return None, f"score() returned {value}"
    return value, None


def article(name):
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def told(error, path):
    """An error in one line, with the line of the user's file where it rose."""
    if isinstance(error, MemoryError) and not str(error):
        says = "it ran out of memory"
    else:
        text = str(error).strip()
        says = f"{type(error).__name__}: {text}".splitlines()[0][:300] if text else type(error).__name__
    traceback.print_exception(error, file=sys.stderr)
    lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == path]
    if isinstance(error, SyntaxError) and error.filename == path:
        lines = [error.lineno]
    return f"{says} (line {lines[-1]})" if lines else says


if __name__ == "__main__":
    main(sys.argv[1])
