"""Settings, reading, checking and splitting."""

import os
import sqlite3
import unittest
from contextlib import closing
from unittest import mock

import numpy as np
import pandas as pd

import data
import settings
from settings import PipelineError
from tests import Case, configured, table


class Configuration(Case):
    def test_the_real_configuration_is_sound_in_every_environment(self) -> None:
        for env in settings.ENVIRONMENTS:
            loaded = settings.load(env)
            self.assertTrue(loaded.features)
            self.assertNotIn(loaded.target, loaded.features)
            self.assertTrue(set(loaded["ranges"]) <= set(loaded["columns"]["numbers"]))

    def test_environments_override_and_can_be_chosen_by_a_variable(self) -> None:
        folder = configured(self.folder)
        (folder / "prod.toml").write_text("[training]\npatience = 3\n")
        with mock.patch.dict(os.environ, {"PIPELINE_ENV": "prod"}):
            self.assertEqual(settings.load(folder=folder)["training"]["patience"], 3)
        self.assertEqual(settings.load("dev", folder)["training"]["patience"], 5)

    def test_mistakes_are_named(self) -> None:
        for change, named in (
            ({"training": {"patiense": 3}}, "patiense"),
            ({"training": {"patience": "3"}}, "patience"),
            ({"problem": {"kind": "ranking"}}, "ranking"),
            ({"problem": {"target": "size"}}, "target"),
            ({"ranges": {"size": [3, 1]}}, "size"),
        ):
            with self.assertRaisesRegex(PipelineError, named):
                self.settings(**change)
        with self.assertRaisesRegex(PipelineError, "staging"):
            settings.load("test", self.folder / "config")


class Reading(Case):
    def test_csv_comes_in_pieces_and_keeps_empty_rows(self) -> None:
        path = self.folder / "one.csv"
        pd.DataFrame({"a": [1.5, np.nan, 2, np.nan, 3]}).to_csv(path, index=False)
        self.assertEqual([len(piece) for piece in data.read(str(path), 2)], [2, 2, 1])
        self.assertEqual(data.read_all(str(path))["a"].isna().sum(), 2)

    def test_sqlite_reads_a_table_and_a_query(self) -> None:
        path = self.folder / "rows.db"
        with closing(sqlite3.connect(path)) as connection:
            table(20).drop(columns="empty").to_sql("rows", connection, index=False)
            pd.DataFrame({"x": [1]}).to_sql("other", connection, index=False)
        self.assertEqual(len(data.read_all(f"sqlite:///{path}?table=rows")), 20)
        self.assertEqual(len(data.read_all(f"sqlite:///{path}?query=SELECT%20*%20FROM%20rows%20LIMIT%203")), 3)
        with self.assertRaisesRegex(PipelineError, "rows, other|other, rows"):
            data.read_all(f"sqlite:///{path}?table=missing")

    def test_parquet_reads_or_says_what_is_missing(self) -> None:
        path = self.folder / "rows.parquet"
        try:
            table(20).to_parquet(path)
        except ImportError:
            path.write_bytes(b"PAR1")
            with self.assertRaisesRegex(PipelineError, "pyarrow"):
                data.read_all(str(path))
        else:
            self.assertEqual(len(data.read_all(str(path))), 20)

    def test_what_can_not_be_read_says_why(self) -> None:
        (self.folder / "empty.csv").touch()
        for source in (str(self.folder / "none.csv"), str(self.folder / "empty.csv"), "sqlite:///none.db", "postgresql://host/x"):
            with self.assertRaises(PipelineError):
                data.read_all(source)


class Checking(Case):
    def test_rows_are_divided_and_reasons_given(self) -> None:
        frame = table(50).astype(object)
        frame.loc[5, "size"], frame.loc[6, "size"], frame.loc[7, "since"], frame.loc[8, "yes"] = "many", 400, "soon", None
        checked = data.check(frame, self.settings(), labelled=True)
        self.assertEqual(list(np.flatnonzero(~checked.accepted())), [5, 6, 7, 8])
        for row, reason in ((5, "size is 'many'"), (6, "outside 0.0 to 30.0"), (7, "since is 'soon'"), (8, "yes is missing")):
            self.assertIn(reason, checked.problem()[row])
        self.assertTrue(checked.features.loc[[5, 6], "size"].isna().all())
        self.assertEqual(list(np.flatnonzero(~checked.accepted(tolerance=0.03, always="yes"))), [7, 8])

    def test_missing_columns_are_an_error_or_a_reason(self) -> None:
        frame = table(5).drop(columns="colour")
        with self.assertRaisesRegex(PipelineError, "colour"):
            data.check(frame, self.settings())
        self.assertTrue(data.check(frame, self.settings(), strict=False).problem().str.contains("colour").all())

    def test_a_table_reads_the_same_from_a_file_and_from_memory(self) -> None:
        frame, path = table(60), self.folder / "rows.csv"
        frame.to_csv(path, index=False)
        pd.testing.assert_frame_equal(data.check(frame, self.settings()).features, data.check(data.read_all(str(path)), self.settings()).features)

    def test_classes_are_recognised_in_any_spelling(self) -> None:
        for cells, classes, wanted in (
            (["1.0", "0.0", None], ["0", "1"], ["1", "0", None]),
            ([1, 0, 1], ["0", "1"], ["1", "0", "1"]),
            (["True", "False"], ["false", "true"], ["true", "false"]),
            ([1.0, 0.0], ["false", "true"], ["true", "false"]),
            (["True", "False"], [], ["true", "false"]),
            (["a ", "other"], ["a"], ["a", "other"]),
            (["01", "1"], ["1", "01"], ["01", "1"]),
        ):
            said = data.class_texts(pd.Series(cells), classes)
            self.assertEqual([None if pd.isna(value) else value for value in said], wanted)

    def test_split_keeps_shares_and_rare_classes(self) -> None:
        labels = np.array(["a"] * 80 + ["b"] * 20 + ["c"] * 3, dtype=object)
        fit, held = data.split(labels, self.settings())
        self.assertEqual(sorted([*fit, *held]), list(range(103)))
        self.assertEqual([(labels[held] == name).sum() for name in "abc"], [16, 4, 0])
        np.testing.assert_array_equal(held, data.split(labels, self.settings())[1])


if __name__ == "__main__":
    unittest.main()
