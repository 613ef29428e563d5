"""Drift, quality and levels."""

import unittest

import numpy as np
import pandas as pd

import data
import monitor
from tests import Case, table


class Drift(Case):
    def found(self, changed: pd.DataFrame) -> dict[tuple[str, str], str]:
        settings = self.settings()
        before = data.check(table(1000), settings)
        said = data.Predictions(np.array(["0", "1"] * 500, dtype=object))
        known = monitor.profile(before, said, ["0", "1"])
        now = data.check(changed, settings)
        says = data.Predictions(np.array((["0", "1"] * len(changed))[: len(changed)], dtype=object))
        return {(entry["what"], entry["name"]): entry["level"] for entry in monitor.drift(now, says, settings, known)}

    def test_the_same_distribution_is_ok(self) -> None:
        self.assertEqual(set(self.found(table(400, seed=1)).values()), {"ok"})

    def test_what_has_moved_is_found(self) -> None:
        moved = table(400, seed=1)
        moved["size"] += 4
        moved["colour"] = "violet"
        moved["note"] = None
        found = self.found(moved)
        self.assertEqual(found["drift", "size"], "alarm")
        self.assertEqual(found["never seen", "colour"], "alarm")
        self.assertEqual(found["missing", "note"], "alarm")
        self.assertEqual(found["drift", "since"], "ok")

    def test_impossible_rows_are_counted(self) -> None:
        self.assertEqual(self.found(table(400, seed=1).assign(size=999.0))["rejected", "rows"], "alarm")

    def test_psi_has_known_values(self) -> None:
        same = np.array([100, 200, 300])
        self.assertEqual(monitor.psi(same, same), 0.0)
        many = np.array([50_000, 50_000]), np.array([80_000, 20_000])
        self.assertAlmostEqual(monitor.psi(*many), 0.3 * np.log(1.6) - 0.3 * np.log(0.4), places=3)

    def test_psi_is_no_larger_for_few_rows_alone(self) -> None:
        random = np.random.default_rng(0)
        drawn = [monitor.psi(random.multinomial(1000, [0.1] * 10), random.multinomial(100, [0.1] * 10)) for _ in range(200)]
        self.assertLess(np.mean(drawn), 0.1)


class Quality(Case):
    def test_a_drop_is_found_and_chance_is_not(self) -> None:
        settings, random = self.settings(problem={"metric": "accuracy"}), np.random.default_rng(0)
        truth = random.choice(np.array(["0", "1"], dtype=object), 500)
        for right, level in ((0.9, "ok"), (0.5, "alarm")):
            values = np.where(random.random(500) < right, truth, np.where(truth == "0", "1", "0"))
            said = data.Predictions(values, np.stack([values == "0", values == "1"], axis=1) * 0.8 + 0.1)
            (entry,) = monitor.quality(truth, said, ["0", "1"], settings, {"accuracy": 0.9})
            self.assertEqual(entry["level"], level)

    def test_errors_count_in_parts_of_what_they_were(self) -> None:
        settings, truth = self.settings("regression"), np.arange(300.0)
        for error, level in ((100.0, "ok"), (150.0, "alarm")):
            (entry,) = monitor.quality(truth, data.Predictions(truth + error), [], settings, {"rmse": 100.0})
            self.assertEqual(entry["level"], level)

    def test_metrics_that_rows_do_not_define_are_left_out(self) -> None:
        said = data.Predictions(np.array(["1", "1"], dtype=object), np.array([[0.2, 0.8], [0.4, 0.6]]))
        self.assertNotIn("roc_auc", monitor.measure(np.array(["1", "1"], dtype=object), said, ["0", "1"], self.settings()))


class Resources(unittest.TestCase):
    def test_slow_predictions_alarm(self) -> None:
        limits = {"latency_ms_alarm": 0.0, "memory_mb_alarm": 1e9}
        levels = {entry["name"]: entry["level"] for entry in monitor.resources(lambda at: sum(range(1000)), 3, limits)}
        self.assertEqual(levels["latency_ms"], "alarm")
        self.assertEqual(levels.get("memory_mb", "ok"), "ok")


if __name__ == "__main__":
    unittest.main()
