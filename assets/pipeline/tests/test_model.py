"""The model: learning, repeating, saving, and rows unlike any it has seen."""

import unittest
from unittest import mock

import numpy as np
import pandas as pd

import data
from tests import MISSING, Case, needs_model, table

if not MISSING:
    import model
    from model import Model


@needs_model
class Learning(Case):
    def fitted(self, problem: str, frame: pd.DataFrame, **changes: dict) -> tuple["Model", data.Checked]:
        settings = self.settings(problem, **changes)
        checked = data.check(frame, settings, labelled=True)
        classes = data.classes_of(checked.labels, settings) if settings.is_classification else []
        return Model(settings, classes).fit(checked.features, checked.labels), checked

    def test_learns_repeats_and_comes_back_from_disk(self) -> None:
        for kind in model.KINDS:
            for problem in ("binary", "multiclass", "regression"):
                with self.subTest(kind=kind, problem=problem):
                    made, checked = self.fitted(problem, table(), model={"kind": kind})
                    said = made.predict(checked.features)
                    if problem == "regression":
                        self.assertLess(np.abs(said.values - checked.labels).mean(), 0.7 * np.abs(checked.labels - checked.labels.mean()).mean())
                    else:
                        self.assertGreater((said.values == checked.labels).mean(), 0.75)
                        np.testing.assert_allclose(said.chances.sum(axis=1), 1, atol=1e-6)
                        np.testing.assert_array_equal(said.confidence, said.chances.max(axis=1))
                    again, _ = self.fitted(problem, table(), model={"kind": kind})
                    np.testing.assert_array_equal(said.values, again.predict(checked.features).values)
                    made.save(self.folder)
                    loaded = Model.load(self.folder, made.settings, made.classes)
                    np.testing.assert_array_equal(said.values, loaded.predict(checked.features).values)

    def test_unseen_and_missing_values_are_answered(self) -> None:
        for kind in model.KINDS:
            made, _ = self.fitted("binary", table(), model={"kind": kind})
            strange = pd.DataFrame(
                {"size": [None, 29.0], "empty": [None, 5.0], "colour": [None, "violet"], "since": [None, "1999-01-01"], "note": [None, "words never read"]}
            )
            said = made.predict(data.check(strange, made.settings).features)
            self.assertTrue(np.isfinite(said.chances).all())

    def test_few_rows_one_column_and_a_rare_class(self) -> None:
        only = {"columns": {"numbers": ["size"], "categories": [], "times": [], "texts": []}}
        for kind in model.KINDS:
            frame = table(24)
            frame["group"] = ["low"] * 12 + ["middle"] * 9 + ["high"] * 3
            made, checked = self.fitted("multiclass", frame, model={"kind": kind}, **only)
            self.assertEqual(made.predict(checked.features).chances.shape, (24, 3))

    def test_texts_or_categories_alone_are_enough(self) -> None:
        none = {"numbers": [], "categories": [], "times": [], "texts": []}
        for kind in model.KINDS:
            for used in ({"texts": ["note"]}, {"categories": ["colour"]}, {"times": ["since"]}):
                made, checked = self.fitted("regression", table(40), model={"kind": kind}, columns=none | used)
                self.assertTrue(np.isfinite(made.predict(checked.features).values).all())

    def test_stops_early(self) -> None:
        settings = self.settings(model={"kind": model.KINDS[-1], "max_iter": 500}, training={"max_epochs": 500, "patience": 2})
        checked = data.check(table(), settings, labelled=True)
        fit, held = data.split(checked.labels, settings)
        with mock.patch.object(model, "ROWS_FOR_EARLY_STOPPING", 100, create=True):
            made = Model(settings, ["0", "1"]).fit(checked.features.iloc[fit], checked.labels[fit], (checked.features.iloc[held], checked.labels[held]))
        self.assertLess(made.rounds, 400)

    def test_unknown_kind_is_named(self) -> None:
        with self.assertRaisesRegex(data.PipelineError, "forest"):
            Model(self.settings(model={"kind": "forest"}), [])


if __name__ == "__main__":
    unittest.main()
