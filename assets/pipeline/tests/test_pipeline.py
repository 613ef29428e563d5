"""The whole way from a table to a model, predictions and a report, through the commands."""

import contextlib
import io
import json
import os
import shutil
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

import data
import settings
from tests import MISSING, Case, configured, needs_model, table

if not MISSING:
    import monitor
    import predict
    import train


@needs_model
class WholeWay(Case):
    made: Path | None = None

    def setUp(self) -> None:
        super().setUp()
        self.rows, self.out, self.model = self.folder / "rows.csv", self.folder / "answers.csv", self.folder / "model"
        environment = mock.patch.dict(os.environ)
        environment.start()
        self.addCleanup(environment.stop)
        os.environ.pop("PIPELINE_ENV", None)

    def call(self, command: object, *arguments: object) -> int:
        with contextlib.redirect_stderr(io.StringIO()):
            return settings.run(lambda: command.main([*map(str, arguments), "--config", str(self.folder / "config")]))

    @classmethod
    def tearDownClass(cls) -> None:
        if cls.made:
            shutil.rmtree(cls.made)

    def ready(self) -> dict:
        """A model as `trained()` makes it, made once for all tests."""
        configured(self.folder / "config")
        if WholeWay.made is None:
            WholeWay.made = Path(tempfile.mkdtemp())
            self.trained()
            shutil.copytree(self.model, WholeWay.made / "model")
        table().to_csv(self.rows, index=False)
        shutil.copytree(WholeWay.made / "model", self.model, dirs_exist_ok=True)
        return json.loads((self.model / "metadata.json").read_text(encoding="utf-8"))

    def trained(self, kind: str = "binary", frame: pd.DataFrame | None = None, **changes: dict) -> dict:
        configured(self.folder / "config", kind, **changes)
        (table() if frame is None else frame).to_csv(self.rows, index=False)
        self.assertEqual(self.call(train, "--data", self.rows, "--model", self.model), 0)
        return json.loads((self.model / "metadata.json").read_text(encoding="utf-8"))

    def predicted(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame.to_csv(self.rows, index=False)
        self.assertEqual(self.call(predict, "--data", self.rows, "--model", self.model, "--out", self.out), 0)
        return pd.read_csv(self.out, dtype={"prediction": str}, keep_default_na=False)

    def test_every_kind_of_problem_from_training_to_monitoring(self) -> None:
        for kind in settings.KINDS:
            with self.subTest(kind=kind):
                told = self.trained(kind, table(500), serving={"chunk_rows": 100}, training={"refit": True})
                self.assertTrue({"version", "columns", "metrics", "profile", "data_sha256", "config_sha256", "libraries"} <= told.keys())
                self.assertFalse((self.model / "checkpoint").exists())
                fresh = table(250, seed=1)
                target = told["config"]["problem"]["target"]
                answers = self.predicted(fresh.drop(columns=["yes", "group", "amount"]))
                self.assertEqual(len(answers), 250)
                if kind == "regression":
                    self.assertTrue((answers["low"] <= answers["high"]).all())
                    self.assertLess(np.abs(answers["prediction"].astype(float) - fresh["amount"]).mean(), 20)
                else:
                    chances = answers[[f"p({name})" for name in told["config"]["problem"]["classes"]]].to_numpy(float)
                    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)
                    self.assertGreater((answers["prediction"] == fresh[target].astype(str)).mean(), 0.7)
                report = self.folder / "report.json"
                table(400, seed=2).to_csv(self.rows, index=False)
                status = self.call(monitor, "--data", self.rows, "--model", self.model, "--report", report)
                said = json.loads(report.read_text(encoding="utf-8"))
                self.assertEqual(monitor.LEVELS[status], said["level"])
                levels = {(entry["what"], entry["name"]): entry["level"] for entry in said["found"]}
                self.assertIn(("quality", told["config"]["problem"]["metric"]), levels)
                self.assertNotIn("alarm", [level for (what, _), level in levels.items() if what != "quality"])

    def test_rejected_rows_are_answered_in_their_place(self) -> None:
        self.ready()
        frame = table(20).drop(columns="yes").astype(object)
        frame.loc[4, "size"], frame.loc[9, "since"] = "many", "soon"
        answers = self.predicted(frame)
        self.assertEqual(list(np.flatnonzero(answers["problem"] != "")), [4, 9])
        self.assertTrue(answers["prediction"].isin(["0", "1"]).all())
        self.assertEqual(list(self.predicted(frame.head(0)).columns[:3]), ["prediction", "p(0)", "p(1)"])

    def test_classes_come_from_the_data_if_the_configuration_has_none(self) -> None:
        frame = table().assign(yes=lambda rows: rows["yes"] == 1)
        told = self.trained(frame=frame, problem={"classes": [], "positive": ""})
        self.assertEqual(told["classes"], ["false", "true"])
        self.assertIn("p(true)", self.predicted(frame).columns)

    def test_few_rows_are_enough(self) -> None:
        only = {"columns": {"numbers": ["size"], "categories": [], "times": [], "texts": []}}
        for kind in settings.KINDS:
            self.trained(kind, table(24), **only)
            self.assertEqual(len(self.predicted(table(24, seed=1))), 24)

    def test_training_twice_gives_the_same(self) -> None:
        first = self.ready(), self.predicted(table(30, seed=1))
        second = self.trained(), self.predicted(table(30, seed=1))
        pd.testing.assert_frame_equal(first[1], second[1])
        for key in ("data_sha256", "config_sha256", "metrics"):
            self.assertEqual(first[0][key], second[0][key])

    def test_stream_answers_each_line_like_the_table(self) -> None:
        self.ready()
        frame = table(5, seed=1)
        table_says = self.predicted(frame)
        lines = [json.dumps(json.loads(line)) for line in frame.to_json(orient="records", lines=True, date_format="iso").splitlines()]
        out = io.StringIO()
        with mock.patch("sys.stdin", io.StringIO("\n".join([*lines, "no json", '{"size": 9.5}']) + "\n")), contextlib.redirect_stdout(out):
            self.assertEqual(self.call(predict, "--model", self.model, "--stream"), 0)
        answers = [json.loads(line) for line in out.getvalue().splitlines()]
        self.assertEqual(len(answers), 7)
        self.assertEqual([answer["prediction"] for answer in answers[:5]], list(table_says["prediction"]))
        np.testing.assert_allclose([answer["p(1)"] for answer in answers[:5]], table_says["p(1)"], atol=1e-5)
        self.assertIn("error", answers[5])
        self.assertIn("colour is missing", answers[6]["problem"])

    def test_errors_end_with_a_status_and_leave_nothing_half_done(self) -> None:
        self.ready()
        table(5).drop(columns="colour").to_csv(self.rows, index=False)
        self.assertEqual(self.call(predict, "--data", self.rows, "--model", self.model, "--out", self.out), settings.FAILED)
        self.assertEqual(list(self.folder.glob("answers*")), [])
        self.assertEqual(self.call(predict, "--data", self.rows, "--model", self.folder, "--out", self.out), settings.FAILED)
        name = next(iter(json.loads((self.model / "metadata.json").read_text())["files"]))
        with open(self.model / name, "ab") as file:
            file.write(b"changed")
        with self.assertRaisesRegex(settings.PipelineError, name):
            predict.Predictor(self.model, settings.load("dev", self.folder / "config"))

    def test_one_prediction_is_fast(self) -> None:
        self.ready()
        predictor, times = predict.Predictor(self.model, settings.load("dev", self.folder / "config")), []
        row = table(1)
        for _ in range(5):
            began = time.perf_counter()
            predictor.answer(data.check(row, predictor.settings))
            times.append(time.perf_counter() - began)
        self.assertLess(np.median(times), 1.0)

    def test_resuming_asks_for_the_same_data(self) -> None:
        self.ready()
        (self.model / "checkpoint").mkdir()
        Path(self.model / "checkpoint" / "of.txt").write_text("other data")
        self.assertEqual(self.call(train, "--data", self.rows, "--model", self.model, "--resume"), settings.FAILED)
        self.assertEqual(self.call(train, "--data", self.rows, "--model", self.model), 0)


if __name__ == "__main__":
    unittest.main()
