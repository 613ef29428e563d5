"""Each witness finds its planted defect with the right rows, clean data are quiet, and strange data are not checked.

Usage: python -B court_check.py ASSETS, where ASSETS is the folder of court.py.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in court.py

import numpy
import pandas
from sklearn import datasets, metrics
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, sys.argv.pop(1))
import court

COURT = court.__file__
FIRST = 1000  # row numbers are not positions


def text(value):
    if value is None or (isinstance(value, float) and numpy.isnan(value)) or value is pandas.NaT:
        return "\\N"
    if isinstance(value, (bool, numpy.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, pandas.Timestamp):
        return value.isoformat()
    return repr(value.item() if hasattr(value, "item") else value) if not isinstance(value, str) else value


def kind_of(values):
    for kind, test in (("bool", "is_bool_dtype"), ("int", "is_integer_dtype"), ("float", "is_float_dtype"), ("time", "is_datetime64_any_dtype")):
        if getattr(pandas.api.types, test)(values):
            return kind
    return "text"


def folds_of(frame, problem, split="stratified", n=5, groups=None):
    fold = numpy.zeros(len(frame), dtype=int)
    if split == "time":
        return numpy.arange(len(frame)) * (n + 1) // len(frame) - 1
    if split == "grouped":
        parts = GroupKFold(n).split(frame, groups=groups)
    elif problem == "regression":
        parts = KFold(n, shuffle=True, random_state=1).split(frame)
    else:
        parts = StratifiedKFold(n, shuffle=True, random_state=1).split(frame, frame["target"])
    for number, (_, valid) in enumerate(parts):
        fold[valid] = number
    return fold


def predicted_by(model, frame, fold, problem, classes):
    """Rows of predictions.csv, from the columns that are numbers."""
    numbers = frame.drop(columns="target").select_dtypes("number").fillna(0)
    rows, scores = [], []
    for number in sorted(set(fold[fold >= 0])):
        valid = fold == number
        train = fold < number if -1 in fold else ~valid
        fitted = model.fit(numbers[train], frame["target"][train])
        said = fitted.predict(numbers[valid])
        if problem == "regression":
            scores.append(metrics.r2_score(frame["target"][valid], said))
            chances = numpy.zeros((valid.sum(), 0))
        else:
            chances = fitted.predict_proba(numbers[valid])
            truth = frame["target"][valid]
            scores.append(metrics.roc_auc_score(truth == fitted.classes_[1], chances[:, 1]) if problem == "binary" else metrics.accuracy_score(truth, said))
        for at, position in enumerate(numpy.flatnonzero(valid)):
            rows.append([FIRST + position, number, text(frame["target"].iloc[position]), text(said[at]), *chances[at]])
    return rows, scores


def hold(frame, problem, split="stratified", fold=None, ids=None, model="linear", group_values=None, alone=False, **ask):
    """Runs the court on a frame with the column "target", and gives its verdicts by their id."""
    frame = frame.reset_index(drop=True)
    if fold is None:
        fold = folds_of(frame, problem, split, groups=group_values)
    classes = [] if problem == "regression" else [text(one) for one in sorted(frame["target"].dropna().unique())]
    predictions, scores = None, None
    if model is not None:
        if model == "linear":
            model = make_pipeline(StandardScaler(), LinearRegression() if problem == "regression" else LogisticRegression(max_iter=2000))
        predictions, scores = predicted_by(model, frame, fold, problem, classes)
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        rows = pandas.DataFrame({"row": FIRST + numpy.arange(len(frame)), "fold": fold})
        names = [*frame.columns.drop("target"), "target"]
        columns = {at: [text(value) for value in frame[name]] for at, name in enumerate(names)}
        rows = pandas.concat([rows, pandas.DataFrame(columns)], axis=1).set_axis(["row", "fold", *names], axis=1)
        rows.to_csv(at("rows.csv"), index=False)
        if ids is not None:
            table = pandas.DataFrame({"row": FIRST + numpy.arange(len(frame)), "group": "\\N", "time": "\\N"})
            for name, values in ids.items():
                table[name] = [text(value) for value in values]
            table.to_csv(at("ids.csv"), index=False)
        if predictions is not None:
            with open(at("predictions.csv"), "w", encoding="utf-8") as out:
                out.write(",".join(["row", "fold", "truth", "predicted", *(f"p({name})" for name in classes)]) + "\n")
                out.writelines(",".join(map(text, row)) + "\n" for row in predictions)
        metric = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "r2"}[problem]
        ask = {
            "problem": problem, "metric": metric, "direction": "maximize", "target": "target", "classes": classes, "positive": 1,
            "split": split, "group": None, "time": None, "seed": 7, "rows": at("rows.csv"),
            "dtypes": [[name, kind_of(frame[name])] for name in frame.columns], "ids": at("ids.csv") if ids is not None else None,
            "predictions": at("predictions.csv") if predictions is not None else None, "opened": None, "allowed": [],
            "baseline": None, "scores": scores, "budget_s": 3600, "permutation": None, "out": at("court.json"),
        } | ask
        with open(at("request.json"), "w", encoding="utf-8") as out:
            json.dump(ask, out)
        if alone:
            subprocess.run([sys.executable, "-I", "-B", COURT, at("request.json")], check=True)
        else:
            court.START = time.monotonic()
            court.main(at("request.json"))
        with open(at("court.json"), encoding="utf-8") as file:
            return {one["id"]: one for one in json.load(file)["witnesses"]}


def signal(n=600, columns=6, seed=0, problem="binary"):
    generator = numpy.random.default_rng(seed)
    frame = pandas.DataFrame(generator.normal(size=(n, columns)), columns=[f"x{at}" for at in range(columns)])
    score = frame["x0"] + 0.5 * frame["x1"] + generator.normal(size=n)
    frame["target"] = score if problem == "regression" else (score > 0).astype(int)
    if problem == "multiclass":
        frame["target"] = numpy.digitize(score, [-0.7, 0.7])
    return frame


class Court(unittest.TestCase):
    def finding(self, verdicts, name, rows=None, only=True):
        verdict = verdicts[name]
        self.assertEqual(verdict["standing"], "finding", verdict["detail"])
        if rows is not None:
            self.assertTrue(set(verdict["rows"]) <= set(int(row) + FIRST for row in rows), verdict)
            self.assertEqual(len(verdict["rows"]), min(50, verdict["n_rows"]))
        if only:
            self.quiet({other: one for other, one in verdicts.items() if other != name})
        return verdict

    def quiet(self, verdicts):
        for name, verdict in verdicts.items():
            self.assertNotEqual(verdict["standing"], "finding", f"{name}: {verdict['detail']}")
            self.assertNotIn("it failed", verdict["detail"], name)

    def all_quiet(self, verdicts, checked=("duplicates-across-folds", "groups-across-folds", "single-column", "fold-shift", "too-good")):
        self.quiet(verdicts)
        for name in checked:
            self.assertEqual(verdicts[name]["standing"], "clean", f"{name}: {verdicts[name]['detail']}")


class Clean(Court):
    def test_normal_features(self):
        for n, seed in ((150, 1), (150, 2), (600, 3), (5000, 4)):
            for problem in ("binary", "multiclass", "regression"):
                with self.subTest(n=n, problem=problem):
                    verdicts = hold(signal(n, 8, seed, problem), problem)
                    self.all_quiet(verdicts)
                    self.assertEqual(verdicts["near-duplicates-across-folds"]["standing"], "clean")

    def test_no_signal(self):
        for seed in range(3):
            frame = signal(300, 10, seed)
            frame["target"] = numpy.random.default_rng(seed).permutation(frame["target"])
            self.all_quiet(hold(frame, "binary"))

    def test_categories_only(self):
        """Rows meet by chance, and by the dependence between columns, in data of few values."""
        generator = numpy.random.default_rng(5)
        for n in (150, 5000):
            city = generator.integers(0, 40, n)
            frame = pandas.DataFrame({"city": [f"c{one}" for one in city], "land": [f"l{one // 8}" for one in city], "plan": generator.choice(["a", "b", "c"], n)})
            frame["old"] = generator.random(n) < 0.2
            frame["target"] = (generator.random(n) < 0.2 + 0.5 * (city % 3 == 0)).astype(int)
            self.all_quiet(hold(frame, "binary", model=None), ("duplicates-across-folds", "groups-across-folds", "single-column", "fold-shift"))

    def test_ages_and_many_nulls(self):
        generator = numpy.random.default_rng(6)
        n = 2000
        frame = pandas.DataFrame({"age": generator.integers(18, 90, n), "income": generator.lognormal(10, 1, n), "spent": generator.gamma(1, 100, n), "debt": generator.gamma(2, 50, n)})
        frame["target"] = (generator.random(n) < 1 / (1 + numpy.exp((50 - frame["age"]) / 6))).astype(int)
        frame.loc[generator.random(n) < 0.4, ["income", "spent", "debt"]] = numpy.nan
        frame.loc[generator.random(n) < 0.4, "spent"] = 0.0
        self.all_quiet(hold(frame, "binary"))

    def test_imbalanced(self):
        for share in (0.02, 0.05):
            frame = signal(5000, 6, 8)
            score = frame["x0"] + numpy.random.default_rng(9).normal(size=5000)
            frame["target"] = (score > score.quantile(1 - share)).astype(int)
            self.all_quiet(hold(frame, "binary"))

    def test_known_data(self):
        for load, problem in ((datasets.load_iris, "multiclass"), (datasets.load_wine, "multiclass"), (datasets.load_breast_cancer, "binary"), (datasets.load_diabetes, "regression"), (datasets.load_digits, "multiclass")):
            for model in ("linear", RandomForestClassifier(100, random_state=0)):
                if problem == "regression" and model != "linear":
                    continue
                with self.subTest(data=load.__name__, model=str(model)):
                    bunch = load(as_frame=True)
                    self.all_quiet(hold(bunch.data.assign(target=bunch.target), problem, model=model))

    def test_groups_and_time(self):
        generator = numpy.random.default_rng(10)
        frame, owner = signal(600, 5, 11), numpy.repeat(numpy.arange(120), 5)
        frame["wealth"] = generator.normal(size=120)[owner]
        verdicts = hold(frame, "binary", "grouped", group="owner", group_values=owner, ids={"group": owner})
        self.all_quiet(verdicts)
        days = pandas.date_range("2024-01-01", periods=600, freq="D")
        verdicts = hold(frame.drop(columns="wealth").assign(day=days), "binary", "time", time="day")
        self.all_quiet(verdicts, ("duplicates-across-folds", "time-overlap", "fold-shift", "single-column"))
        verdicts = hold(frame.drop(columns="wealth"), "binary", time="day", ids={"time": days})
        self.all_quiet(verdicts)
        self.assertEqual(verdicts["time-overlap"]["standing"], "clean")

    def test_dummy_and_curved(self):
        self.all_quiet(hold(signal(500, 4, 12), "binary", model=DummyClassifier()))
        frame = signal(2000, 3, 13, "regression")
        frame["target"] = numpy.sin(2 * frame["x0"]) + 0.3 * numpy.random.default_rng(1).normal(size=2000)
        self.all_quiet(hold(frame, "regression", baseline={"scores": [0.1] * 5, "noise_sd": 0.01}, scores=[0.85, 0.86, 0.87, 0.84, 0.85]))


class Planted(Court):
    def test_opened_files(self):
        frame, allowed = signal(), ["/usr", "/run/folder"]
        self.finding(hold(frame, "binary", opened=["/usr/lib/x.py", "/data/all.csv", "/run/folder2/a"], allowed=allowed), "opened-files")
        self.finding(hold(frame, "binary", opened=["/run/folder/../holdout.csv"], allowed=allowed), "opened-files")
        self.assertEqual(hold(frame, "binary", opened=["/usr/lib/x.py", "/run/folder"], allowed=allowed)["opened-files"]["standing"], "clean")
        self.assertEqual(hold(frame, "binary", opened=["x.csv"], allowed=allowed)["opened-files"]["standing"], "not checked")
        self.assertEqual(hold(frame, "binary")["opened-files"]["standing"], "not checked")

    def test_labels_withheld(self):
        for value, standing in ((True, "clean"), (False, "finding"), (None, "not checked")):
            self.assertEqual(hold(signal(100), "binary", labels_withheld=value)["labels-withheld"]["standing"], standing)

    def test_duplicates(self):
        frame, generator = signal(1000), numpy.random.default_rng(1)
        frame["kind"] = generator.choice(["a", "b"], 1000)
        frame.loc[900:929] = frame.loc[100:129].to_numpy()
        frame = frame.astype({"target": int, **{f"x{at}": float for at in range(6)}})
        rows = {*range(900, 930), *range(100, 130)}
        verdict = self.finding(hold(frame, "binary"), "duplicates-across-folds", rows)
        self.assertGreater(verdict["n_rows"], 30)
        self.assertIn("agree in 100%", verdict["detail"])
        few = signal(1000)
        few.loc[900:901] = few.loc[100:101].to_numpy()
        self.assertEqual(hold(few.astype({"target": int}), "binary")["duplicates-across-folds"]["standing"], "clean")

    def test_near_duplicates(self):
        frame, generator = signal(1000, 6, problem="regression"), numpy.random.default_rng(2)
        rows = {*range(900, 940), *range(100, 140)}
        frame.loc[900:939] = frame.loc[100:139].to_numpy() + generator.normal(0, 1e-9, (40, 7))
        self.assertGreater(self.finding(hold(frame, "regression"), "near-duplicates-across-folds", rows)["n_rows"], 40)
        frame.loc[900:939, "x3"] = generator.normal(size=40)
        self.assertGreater(self.finding(hold(frame, "regression"), "near-duplicates-across-folds", rows)["n_rows"], 40)

    def test_groups(self):
        owner = numpy.random.default_rng(3).permutation(numpy.repeat(numpy.arange(200), 3))
        verdicts = hold(signal(600), "binary", "random", group="owner", ids={"group": owner})
        self.assertGreater(self.finding(verdicts, "groups-across-folds", range(600))["n_rows"], 500)
        fold = folds_of(signal(600), "binary", "grouped", groups=owner)
        fold[5] = (fold[5] + 1) % 5
        verdicts = hold(signal(600), "binary", "grouped", fold, group="owner", ids={"group": owner})
        self.finding(verdicts, "groups-across-folds", numpy.flatnonzero(owner == owner[5]))

    def test_unknown_group(self):
        generator = numpy.random.default_rng(4)
        owner = generator.permutation(numpy.repeat(numpy.arange(150), 4))
        for values in (owner, [f"p{one}" for one in owner]):
            frame = signal(600).assign(patient=values)
            frame["target"] = generator.integers(0, 2, 150)[owner]
            frame.loc[::20, "target"] = 1 - frame.loc[::20, "target"]
            verdict = self.finding(hold(frame, "binary"), "groups-across-folds", range(600), only=False)
            self.assertEqual(verdict["columns"], ["patient"])

    def test_group_by_its_rows(self):
        generator = numpy.random.default_rng(14)
        owner = generator.permutation(numpy.repeat(numpy.arange(60), 10))
        frame = pandas.DataFrame({name: generator.normal(size=60)[owner] + 0.05 * generator.normal(size=600) for name in "abc"})
        frame["target"] = generator.integers(0, 2, 600)
        outside = hold(frame, "binary", model=None, ids={"group": [None] * 600, "time": [None] * 600, "out:patient": owner})
        self.assertEqual(self.finding(outside, "groups-across-folds", range(600), only=False)["columns"], ["patient"])
        inside = hold(frame.assign(patient=owner), "binary", model=None)
        self.assertEqual(self.finding(inside, "groups-across-folds", range(600), only=False)["columns"], ["patient"])
        # The same column over rows that have nothing in common says nothing.
        unlike = signal(600, 3, 15)
        verdict = hold(unlike, "binary", model=None, ids={"group": [None] * 600, "time": [None] * 600, "out:patient": owner})
        self.assertEqual(verdict["groups-across-folds"]["standing"], "clean")

    def test_time_overlap(self):
        days = pandas.date_range("2024-01-01", periods=600, freq="h").to_series().reset_index(drop=True)
        days[[300, 450]] = days[[10, 20]].to_numpy()
        verdict = self.finding(hold(signal(600).assign(day=days), "binary", "time", time="day"), "time-overlap", [300, 450])
        self.assertEqual(verdict["n_rows"], 2)

    def test_target_through_time(self):
        frame, days = signal(600, problem="regression"), pandas.date_range("2024-01-01", periods=600, freq="D")
        frame["target"] = 0.1 * numpy.cumsum(numpy.random.default_rng(5).normal(size=600)) + frame["x0"] * 0.1
        self.finding(hold(frame, "regression", "random", time="day", ids={"time": days}), "time-overlap", range(600))

    def test_single_column(self):
        generator = numpy.random.default_rng(6)
        for problem, n in (("binary", 300), ("multiclass", 600), ("regression", 200)):
            frame = signal(n, problem=problem)
            frame["copy"] = frame["target"] * 2.5 + generator.normal(0, 0.02, n)
            verdict = self.finding(hold(frame, problem), "single-column", only=False)
            self.assertEqual(verdict["columns"], ["copy"])
        frame = signal(600)
        frame["word"] = numpy.where(frame["target"] == 1, "left", "stays")
        self.assertEqual(self.finding(hold(frame, "binary"), "single-column")["columns"], ["word"])
        frame = signal(600)
        frame["closed"] = numpy.where(frame["target"] == 1, generator.normal(size=600), numpy.nan)
        self.assertEqual(self.finding(hold(frame, "binary", model=None), "single-column")["columns"], ["closed"])

    def test_fold_shift(self):
        frame = signal(600)
        frame["x2"] += numpy.arange(600) / 100
        verdict = self.finding(hold(frame, "binary", "random", numpy.arange(600) // 120), "fold-shift", range(600))
        self.assertEqual(verdict["columns"], ["x2"])
        days = pandas.date_range("2024-01-01", periods=600, freq="D")
        frame["x2"] += 8.0 * (numpy.arange(600) >= 500)
        verdict = self.finding(hold(frame.assign(day=days), "binary", "time", time="day"), "fold-shift", range(600))
        self.assertIn("drift", verdict["detail"])

    def test_too_good(self):
        frame = signal(1000)
        frame["x5"] = frame["target"] + numpy.random.default_rng(7).normal(0, 0.05, 1000)
        self.finding(hold(frame, "binary"), "too-good", only=False)
        self.assertEqual(hold(frame, "binary")["single-column"]["columns"], ["x5"])
        frame = signal(400, problem="regression")
        fold = folds_of(frame, "regression")
        exact = frame.assign(x0=frame["target"])
        self.finding(hold(exact, "regression", fold=fold), "too-good", only=False)
        self.finding(hold(signal(), "binary", scores=[0.8123456] * 5), "too-good")
        verdict = hold(signal(), "binary", scores=[0.98] * 4 + [0.979], baseline={"scores": [0.7] * 5, "noise_sd": 0.01})
        self.finding(verdict, "too-good")

    def test_a_score_is_said_as_the_run_shows_it(self):
        detail = hold(signal(300, problem="regression"), "regression", shown="r2 .512 in the mean over 5 folds")["too-good"]["detail"]
        self.assertRegex(detail, r"^r2 \.512 in the mean over 5 folds; over all predictions together R2 is 0\.\d{4}, below the limit of 0\.99$")
        verdict = hold(signal(), "binary", shown="roc_auc .8 in the mean over 5 folds", baseline={"scores": [0.7] * 5, "noise_sd": 0.01}, scores=[0.65, 0.66] * 2 + [0.67])["too-good"]
        self.assertRegex(
            verdict["detail"],
            r"^roc_auc \.8 in the mean over 5 folds, 4\.2 times the noise worse than the linear baseline; over the folds weighted by rows AUC is 0\.\d{4}, and its lower end 0\.\d{4} is below the limit of 0\.995$",
        )
        said = [float(number) for number in re.findall(r"(?:AUC is|end) (0\.\d{4})", verdict["detail"])]
        self.assertLess(said[1], said[0])
        exact = signal(400, problem="regression")
        exact["x0"] = exact["target"] + numpy.random.default_rng(3).normal(0, 0.01, 400)
        detail = self.finding(hold(exact, "regression", shown="r2 1.000 in the mean over 5 folds"), "too-good", only=False)["detail"]
        self.assertRegex(detail, r"^too good for data with noise: r2 1\.000 in the mean over 5 folds; over all predictions together R2 is 0\.99\d\d, not below the limit of 0\.99; look")

    def test_exact_predictions(self):
        class Exact(LinearRegression):
            def predict(self, features):
                return frame["target"][features.index].to_numpy()

        frame = signal(300, problem="regression")
        self.assertEqual(self.finding(hold(frame, "regression", model=Exact()), "too-good", range(300))["n_rows"], 300)

    def test_identical_scores(self):
        scores = [0.81, 0.82, 0.8, 0.79, 0.83]
        verdicts = hold(signal(), "binary", scores=scores, others=[{"run": "e2", "scores": [0.8] * 5}, {"run": "e3", "scores": scores}])
        self.assertIn("e3", self.finding(verdicts, "identical-scores")["detail"])
        self.assertEqual(hold(signal(), "binary", scores=scores, others=[{"run": "e2", "scores": [0.8] * 5}])["identical-scores"]["standing"], "clean")

    def test_label_permutation(self):
        generator, scores = numpy.random.default_rng(8), [0.8] * 4 + [0.81]
        asked = lambda middle: {"n": 30, "scores": list(generator.normal(middle, 0.02, 30))}
        self.assertEqual(hold(signal(), "binary", scores=scores, permutation=asked(0.5))["label-permutation"]["standing"], "clean")
        self.finding(hold(signal(), "binary", scores=scores, permutation=asked(0.7)), "label-permutation")
        self.assertEqual(hold(signal(), "binary", scores=[0.5] * 5, permutation=asked(0.5))["label-permutation"]["standing"], "not checked")


class Strange(Court):
    """Nothing of this may be an exception, and nothing that was not looked at may be clean."""

    def test_weird_type(self):
        for kind in ("decimal", "int", "time", "bool"):
            frame = signal(200).assign(odd=[f"v{at}" for at in range(200)])
            dtypes = [[name, kind if name == "odd" else kind_of(frame[name])] for name in frame.columns]
            verdicts = hold(frame, "binary", dtypes=dtypes)
            for name in ("duplicates-across-folds", "single-column", "fold-shift", "groups-across-folds"):
                self.assertEqual(verdicts[name]["standing"], "not checked", name)
                self.assertIn("odd", verdicts[name]["detail"])

    def test_nulls_everywhere(self):
        frame = signal(200)
        frame.loc[:, [f"x{at}" for at in range(6)]] = numpy.nan
        self.quiet(hold(frame, "binary"))
        frame = signal(200).assign(empty=numpy.nan)
        self.all_quiet(hold(frame, "binary"))
        frame["target"] = frame["target"].astype("float64")
        frame.loc[:, "target"] = numpy.nan
        self.quiet(hold(frame, "binary", fold=numpy.arange(200) % 5, model=None, classes=["0.0", "1.0"]))

    def test_infinite_and_huge(self):
        frame = signal(300)
        frame.loc[3, "x0"], frame.loc[4, "x1"], frame["big"] = numpy.inf, -numpy.inf, 2**62 + numpy.arange(300)
        self.quiet(hold(frame, "binary", model=None))

    def test_one_class(self):
        frame = signal(200).assign(target=0)
        verdicts = hold(frame, "binary", classes=["0", "1"], model=None)
        self.quiet(verdicts)
        self.assertEqual(verdicts["single-column"]["standing"], "not checked")

    def test_three_rows_and_none(self):
        for n in (0, 1, 3):
            verdicts = hold(signal(200).head(n), "binary", fold=numpy.arange(n), model=None, classes=["0", "1"])
            self.quiet(verdicts)
            for name in ("single-column", "fold-shift", "too-good", "groups-across-folds"):
                self.assertEqual(verdicts[name]["standing"], "not checked", name)

    def test_no_columns_one_fold_and_no_file(self):
        self.quiet(hold(signal(200)[["target"]], "binary", model=None))
        self.quiet(hold(signal(200), "binary", fold=numpy.zeros(200, dtype=int), model=None))
        verdicts = hold(signal(200), "binary", rows="/nowhere/rows.csv", predictions="/nowhere/p.csv")
        self.assertTrue(all(one["standing"] == "not checked" for one in verdicts.values()))

    def test_names_of_columns(self):
        self.all_quiet(hold(signal(200).rename(columns={"x0": "row", "x1": "fold", "x2": 'a "b"\n,c'}), "binary", model=None), ("single-column", "fold-shift"))

    def test_missing_time_and_group(self):
        verdicts = hold(signal(200), "binary", "time", fold=numpy.arange(200) // 40 - 1, time="day", group="g", ids={"time": [None] * 200})
        self.assertEqual(verdicts["time-overlap"]["standing"], "not checked")

    def test_out_of_time(self):
        verdicts = hold(signal(200), "binary", budget_s=0)
        self.assertTrue(all(one["standing"] == "not checked" and "out of time" in one["detail"] for one in verdicts.values()))

    def test_same_answer_twice(self):
        frame = signal(600).assign(kind=numpy.random.default_rng(0).choice(list("abc"), 600))
        one, two = hold(frame, "binary"), hold(frame, "binary", alone=True)
        for verdicts in (one, two):
            for verdict in verdicts.values():
                verdict.pop("seconds")
        self.assertEqual(one, two)

    def test_large(self):
        frame = signal(100_000, 20).assign(kind=numpy.random.default_rng(0).choice([f"k{at}" for at in range(50)], 100_000))
        self.all_quiet(hold(frame, "binary", model=None, alone=True), ("duplicates-across-folds", "near-duplicates-across-folds", "single-column", "fold-shift"))


if __name__ == "__main__":
    done = unittest.main(exit=False, verbosity=2 if "-v" in sys.argv else 1)
    failed = len(done.result.failures) + len(done.result.errors)
    print(f"{done.result.testsRun - failed} passed, {failed} failed")
    sys.exit(bool(failed))
