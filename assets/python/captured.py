"""Runs one script, old or new, on a fixed input, and writes down what it leaves.

Old code gets back what newer libraries have dropped, so that its outputs can be captured at all; the new code does
not need that. Any path that is read as a table and does not exist is the fixed input.

Usage: python -s -P -B captured.py SCRIPT DATA legacy|modern
"""

import builtins
import json
import os
import random
import re
import runpy
import sys
import types

import numpy
import pandas

LIMIT = 200_000


def main(script, data, entry):
    random.seed(0)
    numpy.random.seed(0)
    redirect(data)
    printed = []
    keep_prints(printed)
    sys.argv = [script]
    sys.path.insert(0, os.path.dirname(script))
    if entry == "legacy":
        old_names()
        names = runpy.run_path(today(script), run_name="__main__")
        outputs = {name: value for name, value in names.items() if not name.startswith("_")}
    else:
        names = runpy.run_path(script, run_name="modern")
        if not callable(names.get("main")):
            raise AttributeError("modern.py defines no function main(data)")
        outputs = names["main"](data)
        if not isinstance(outputs, dict):
            raise TypeError("main(data) has to return a dict of named outputs")
    captured = {}
    for name, value in outputs.items():
        flat = flattened(value)
        if flat:
            captured[str(name)] = flat
    captured |= files()
    for line in printed:
        found = re.match(r"\s*([A-Za-z][\w @()%-]{0,40}?)\s*[:=]\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*%?\s*$", line)
        if found:
            captured.setdefault("printed " + found.group(1).strip().lower(), [float(found.group(2))])
    with open("captured.json", "w", encoding="utf-8") as out:
        json.dump(captured, out)


def today(script):
    """The script itself where Python 3 reads it; else a copy whose prints and ranges are those of Python 3."""
    with open(script, encoding="utf-8") as file:
        text = file.read()
    try:
        compile(text, script, "exec")
        return script
    except SyntaxError:
        text = re.sub(r"^(\s*)print[ \t]+(?!\()(.+?)[ \t]*$", r"\1print(\2)", text, flags=re.M)
        text = re.sub(r"\bxrange\(", "range(", text)
        text = re.sub(r"except[ \t]+(\w[\w.]*)[ \t]*,[ \t]*(\w+):", r"except \1 as \2:", text)
        with open("legacy_for_python_3.py", "w", encoding="utf-8") as out:
            out.write(text)
        return "legacy_for_python_3.py"


def flattened(value):
    """Numbers and texts of an output; nothing for what is no output."""
    if isinstance(value, bool) or value is None or isinstance(value, (str, bytes)):
        return []
    if isinstance(value, (int, float, numpy.number)):
        return [value.item() if hasattr(value, "item") else value]
    if isinstance(value, pandas.DataFrame):
        value = value.to_numpy().reshape(-1)
    elif isinstance(value, (pandas.Series, pandas.Index)):
        value = value.to_numpy()
    elif isinstance(value, (list, tuple)):
        if not all(isinstance(one, (int, float, str, numpy.number)) for one in value):
            return []
        value = numpy.asarray(value, dtype=object)
    if not isinstance(value, numpy.ndarray) or value.size == 0 or value.size > LIMIT:
        return []
    return [one if isinstance(one, (int, float)) else str(one) for one in value.reshape(-1).tolist()]


def files():
    found = {}
    for folder, _, names in os.walk("."):
        for name in sorted(names):
            if name.endswith(".csv"):
                table = pandas.read_csv.__wrapped__(os.path.join(folder, name))
                for column in table.columns:
                    found[f"{name} {column}"] = flattened(table[column])
    return {name: values for name, values in found.items() if values}


def redirect(data):
    """Tables that the script wants to read and that are not there are the fixed input."""
    for name in ("read_csv", "read_table", "read_excel", "read_parquet", "read_sql"):
        original = getattr(pandas, name)

        def reader(source=None, *arguments, _original=original, _name=name, **options):
            source = options.pop("filepath_or_buffer", options.pop("io", options.pop("path", source)))
            if isinstance(source, (str, os.PathLike)) and not os.path.exists(source) or _name == "read_sql":
                return pandas.read_csv.__wrapped__(data)
            return _original(source, *arguments, **options)

        reader.__wrapped__ = original
        setattr(pandas, name, reader)


def keep_prints(printed):
    original = builtins.print

    def keeping(*values, **options):
        printed.append(" ".join(str(value) for value in values))
        original(*values, **options)

    builtins.print = keeping


def old_names():
    """What old code imports and newer libraries no longer have."""
    import joblib
    import sklearn
    from sklearn import model_selection, preprocessing
    from sklearn.impute import SimpleImputer

    for old in ("sklearn.cross_validation", "sklearn.grid_search", "sklearn.learning_curve"):
        sys.modules[old] = model_selection
    externals = types.ModuleType("sklearn.externals")
    externals.joblib = joblib
    sys.modules["sklearn.externals"] = externals
    sys.modules["sklearn.externals.joblib"] = joblib
    sklearn.externals = externals
    sklearn.cross_validation = model_selection

    class Imputer(SimpleImputer):
        def __init__(self, missing_values=numpy.nan, strategy="mean", axis=0):
            super().__init__(missing_values=numpy.nan if missing_values == "NaN" else missing_values, strategy=strategy)
            self.axis = axis

    preprocessing.Imputer = Imputer
    for name, kind in (("int", int), ("float", float), ("bool", bool), ("object", object)):
        if name not in vars(numpy):
            setattr(numpy, name, kind)
    pandas.DataFrame.append = lambda self, other, ignore_index=False, **_: pandas.concat([self, other], ignore_index=ignore_index)
    pandas.DataFrame.ix = property(lambda self: self.loc)
    pandas.DataFrame.as_matrix = lambda self, columns=None: (self if columns is None else self[columns]).to_numpy()
    pandas.Series.as_matrix = lambda self: self.to_numpy()
    encoder = preprocessing.OneHotEncoder

    def one_hot(*arguments, sparse=None, **options):
        if sparse is not None:
            options["sparse_output"] = sparse
        return encoder(*arguments, **options)

    preprocessing.OneHotEncoder = one_hot


if __name__ == "__main__":
    main(*sys.argv[1:4])
