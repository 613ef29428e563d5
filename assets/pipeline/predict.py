"""Predicts: a whole table in pieces, or one row at a time from standard input."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import data
import settings as config
from model import FRAMEWORK, Model
from settings import PipelineError, Settings, log


class Predictor:
    """A trained model with everything that belongs to it."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        try:
            self.metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise PipelineError(f"{folder} holds no finished model; python train.py --data FILE --model {folder} makes one") from None
        if self.metadata["framework"] != FRAMEWORK:
            raise PipelineError(f"{folder} was trained on {self.metadata['framework']}, this code is for {FRAMEWORK}")
        for name, known in self.metadata["files"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != known:
                raise PipelineError(f"{folder / name} is not the file that was trained: take the folder from its source again")
        self.settings = settings.of_model(self.metadata["config"])
        self.classes: list[str] = self.metadata["classes"]
        self.model = Model.load(folder, self.settings, self.classes)
        log.debug("version %s loaded", self.metadata["version"])

    def answer(self, checked: data.Checked) -> pd.DataFrame:
        """One line for every row, also for a rejected one: its impossible cells count as missing."""
        if checked.features.empty:
            said = data.Predictions(np.empty(0), np.empty((0, len(self.classes))) if self.classes else None)
        else:
            said = self.model.predict(checked.features)
        table = {"prediction": said.values}
        if said.chances is not None:
            table |= {f"p({name})": said.chances[:, at] for at, name in enumerate(self.classes)}
            table["confidence"] = said.confidence if len(said.values) else np.empty(0)
        elif self.metadata["interval_90"] is not None:
            table["low"], table["high"] = said.values - self.metadata["interval_90"], said.values + self.metadata["interval_90"]
        return pd.DataFrame(table).assign(problem=checked.problem().to_numpy())

    def stream(self, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
        """One answer for every line of JSON. What is no JSON object gets the key `error`."""
        for line in lines:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("not an object")
            except ValueError as error:
                yield {"error": f"a line should be a JSON object with a value for each column: {error}"}
                continue
            frame = pd.DataFrame({name: pd.Series([row[name]], dtype=object) for name in self.settings.features if name in row}, index=[0])
            yield self.answer(data.check(frame, self.settings, strict=False)).iloc[0].to_dict()


def predict_file(predictor: Predictor, source: str, out: Path) -> int:
    """Answers a table in pieces and returns the number of rows. The file is there only when it is complete."""
    part, n_rows = out.with_name(out.name + ".part"), 0
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            for piece in data.read(source, predictor.settings["serving"]["chunk_rows"]):
                answers = predictor.answer(data.check(piece, predictor.settings))
                answers.to_csv(file, index=False, header=file.tell() == 0)
                n_rows += len(answers)
                rejected = int((answers["problem"] != "").sum())
                if rejected:
                    log.warning("%d of %d rows have a problem; see the column problem", rejected, len(answers))
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)
    return n_rows


def main(arguments: list[str] | None = None) -> int:
    """Predicts every row of a table, or with --stream each line of JSON on standard input."""
    parser = config.parser(main.__doc__)
    parser.add_argument("--model", required=True, type=Path, help="folder that train.py has written")
    parser.add_argument("--data", help="CSV, Parquet, or sqlite:///file.db?table=NAME")
    parser.add_argument("--out", type=Path, help="CSV to write")
    parser.add_argument("--stream", action="store_true", help="JSON lines from standard input to standard output")
    told = parser.parse_args(arguments)
    if told.stream == bool(told.data) or bool(told.data) != bool(told.out):
        parser.error("give either --stream, or --data and --out")
    predictor = Predictor(told.model, config.start(told))
    if told.stream:
        for answer in predictor.stream(sys.stdin):
            print(json.dumps(answer, ensure_ascii=False, default=lambda value: value.item()), flush=True)
        return 0
    began = time.perf_counter()
    n_rows = predict_file(predictor, told.data, told.out)
    log.info("%d rows in %.2f s written to %s", n_rows, time.perf_counter() - began, told.out)
    return 0


if __name__ == "__main__":
    sys.exit(config.run(main))
