"""Reading tables, dividing their rows into accepted and rejected with reasons, and the split."""

import hashlib
import math
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import numpy as np
import pandas as pd

import settings as config
from settings import PipelineError, Settings

# --- reading --------------------------------------------------------------------------------------


def read(source: str, chunk_rows: int) -> Iterator[pd.DataFrame]:
    """The table in pieces: a CSV or Parquet file, or `sqlite:///file.db?table=NAME` (or `?query=SELECT …`)."""
    if source.startswith("sqlite:"):
        yield from _read_sqlite(source, chunk_rows)
        return
    if "://" in source:
        raise PipelineError(f"{source.split(':')[0]} databases can't be read; export to CSV or Parquet, or use sqlite:///file.db?table=NAME")
    path = Path(source)
    if not path.is_file():
        raise PipelineError(f"there is no file {source}")
    if path.suffix.lower() in (".parquet", ".pq"):
        try:
            table = pd.read_parquet(path)
        except ImportError:
            raise PipelineError("Parquet needs an engine: pip install pyarrow, or export the table to CSV") from None
        yield from (table.iloc[at : at + chunk_rows] for at in range(0, max(len(table), 1), chunk_rows))
        return
    separator = "\t" if ".tsv" in path.suffixes else ","
    try:
        # As text: otherwise the type of a column would depend on which rows happen to be in the piece.
        with pd.read_csv(path, dtype=str, sep=separator, encoding="utf-8-sig", index_col=False, chunksize=chunk_rows) as pieces:
            yield from pieces
    except pd.errors.EmptyDataError:
        raise PipelineError(f"{source} is empty; its first line should name the columns") from None
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise PipelineError(f"{source} is no CSV in UTF-8: {error}") from None


def _read_sqlite(source: str, chunk_rows: int) -> Iterator[pd.DataFrame]:
    parts = urlsplit(source)
    path, asked = unquote(parts.path).removeprefix("/"), parse_qs(parts.query)
    if not Path(path).is_file():
        raise PipelineError(f"there is no database {path}")
    with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as connection:
        try:
            if "query" in asked:
                query = asked["query"][0]
            else:
                tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
                name = asked.get("table", tables[:1] if len(tables) == 1 else [""])[0]
                if name not in tables:
                    raise PipelineError(f"add ?table=NAME with one of: {', '.join(tables)}")
                query = 'SELECT * FROM "{}"'.format(name.replace('"', '""'))
            yield from pd.read_sql_query(query, connection, chunksize=chunk_rows)
        except (sqlite3.Error, pd.errors.DatabaseError) as error:
            raise PipelineError(f"{path}: {error}") from None


def read_all(source: str) -> pd.DataFrame:
    """The whole table."""
    pieces = list(read(source, 100_000))
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()


def sha256(frame: pd.DataFrame) -> str:
    """The content of a table: the same from whatever kind of file, as long as the cells read the same."""
    text = frame.apply(as_text).fillna("\0")
    rows = pd.util.hash_pandas_object(text, index=False).to_numpy()
    return hashlib.sha256("\t".join(frame.columns).encode() + rows.tobytes()).hexdigest()


# --- cells ----------------------------------------------------------------------------------------


def _text(value: object) -> str | None:
    if value is None or value is pd.NA or value != value:
        return None
    return str(value).strip() or None


def as_text(column: pd.Series) -> pd.Series:
    """Text without blanks around it."""
    return pd.Series([_text(value) for value in column], index=column.index, dtype=object)


def as_categories(column: pd.Series) -> pd.Series:
    """Text in which a whole number reads the same whether or not its column had gaps: `1` and `1.0`."""
    texts = [text[:-2] if text and text.endswith(".0") and text[:-2].isdecimal() else text for text in as_text(column)]
    return pd.Series(texts, index=column.index, dtype=object)


def as_numbers(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Finite numbers, and which cells hold something else."""
    if not pd.api.types.is_numeric_dtype(column):
        column = as_text(column)
        column = column.where(~column.isin(["True", "true", "TRUE"]), "1").where(~column.isin(["False", "false", "FALSE"]), "0")
    given = column.notna()
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    numbers = numbers.where(np.isfinite(numbers))
    return numbers, given & numbers.isna()


def as_times(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Points in time in UTC, and which cells hold something else."""
    if pd.api.types.is_datetime64_any_dtype(column):
        given, times = column.notna(), pd.to_datetime(column, utc=True)
    else:
        text = as_text(column)
        given, times = text.notna(), pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
        if (given & times.isna()).any():
            times = pd.to_datetime(text, format="mixed", utc=True, errors="coerce")
    return times.dt.tz_localize(None).astype("datetime64[us]"), given & times.isna()


def time_parts(frame: pd.DataFrame) -> np.ndarray:
    """For each point in time its day, season, weekday and hour; and the days from one column to the next."""
    days = [(frame[name] - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1) for name in frame]
    parts = list(days)
    for name in frame:
        season = frame[name].dt.dayofyear * (2 * np.pi / 365.25)
        parts += [np.sin(season), np.cos(season), frame[name].dt.dayofweek, frame[name].dt.hour]
    parts += [later - earlier for earlier, later in zip(days, days[1:])]
    return np.column_stack([part.to_numpy("float64") for part in parts])


# --- checking -------------------------------------------------------------------------------------


@dataclass
class Checked:
    """Rows as the model takes them: each column in its type, impossible cells emptied."""

    features: pd.DataFrame
    labels: np.ndarray | None = None
    reasons: dict[str, pd.Series] = field(default_factory=dict)

    def problem(self) -> pd.Series:
        """Why a row is rejected; an empty text for the accepted ones."""
        text = pd.Series("", index=self.features.index, dtype=object)
        for name, reason in self.reasons.items():
            text = text.where(reason == "", text + f"; {name} " + reason)
        return text.str.removeprefix("; ")

    def accepted(self, tolerance: float = 1.0, always: str = "") -> np.ndarray:
        """Which rows are all right. A column with more bad cells than `tolerance` rejects none (unless `always`)."""
        fine = np.ones(len(self.features), dtype=bool)
        for name, reason in self.reasons.items():
            bad = (reason != "").to_numpy()
            if name == always or bad.mean() <= tolerance:
                fine &= ~bad
        return fine


def check(frame: pd.DataFrame, settings: Settings, labelled: bool = False, strict: bool = True) -> Checked:
    """Looks at columns, types and ranges. Without `strict` a missing column is a reason and no error."""
    frame = frame.reset_index(drop=True)
    wanted = settings.features + ([settings.target] if labelled else [])
    missing = [name for name in wanted if name not in frame.columns]
    if missing and strict:
        raise PipelineError(f"columns are missing: {', '.join(missing)}; the table has {', '.join(map(str, frame.columns))}")
    checked = Checked(pd.DataFrame(index=frame.index))

    def note(name: str, bad: pd.Series, reason: str) -> None:
        if bad.any():
            earlier = checked.reasons.get(name, [""] * len(frame))
            told = [reason.format(repr(str(cell)[:40])) if wrong else was for cell, wrong, was in zip(frame[name], bad, earlier)]
            checked.reasons[name] = pd.Series(told, index=frame.index, dtype=object)

    columns = {}
    for kind, names in settings["columns"].items():
        for name in names:
            if name in missing:
                frame[name] = None
                note(name, pd.Series(True, index=frame.index), "is missing as a column")
            if kind in ("categories", "texts"):
                columns[name] = as_text(frame[name]) if kind == "texts" else as_categories(frame[name])
                continue
            values, bad = as_numbers(frame[name]) if kind == "numbers" else as_times(frame[name])
            note(name, bad, "is {}, no finite number" if kind == "numbers" else "is {}, no point in time")
            if name in settings["ranges"]:
                low, high = settings["ranges"][name]
                outside = (values < low) | (values > high)
                note(name, outside, f"is {{}}, outside {low} to {high}")
                values = values.where(~outside)
            columns[name] = values
    checked.features = pd.DataFrame(columns, index=frame.index)
    if labelled:
        if settings.is_classification:
            labels = class_texts(frame[settings.target], settings["problem"]["classes"])
        else:
            labels, _ = as_numbers(frame[settings.target])
        note(settings.target, labels.isna(), "is missing" if settings.is_classification else "is missing or no number")
        checked.labels = labels.to_numpy()
    return checked


# --- classes --------------------------------------------------------------------------------------


def _key(text: str) -> str:
    """The same for different spellings of one class: `1` and `1.0`, `True` and `true`."""
    if text.lower() in ("true", "false"):
        return text.lower()
    try:
        number = float(text)
    except ValueError:
        return text
    return repr(number) if math.isfinite(number) else text


def class_texts(column: pd.Series, classes: list[str]) -> pd.Series:
    """Labels in the spelling of the configuration; a class that it does not list stays as it is (but `true`, `false`)."""
    known = {_key(name.strip()): name for name in classes}
    if known.keys() == {"true", "false"}:  # with gaps beside them, tables hold them as numbers
        known |= {"1.0": known["true"], "0.0": known["false"]}
    known |= {name.strip(): name for name in classes}
    text = as_text(column)
    lower = {"True": "true", "False": "false"}
    return text.map({value: known.get(value, known.get(_key(value), lower.get(value, value))) for value in text.dropna().unique()}).astype(object)


def classes_of(labels: np.ndarray, settings: Settings) -> list[str]:
    """The classes of the configuration in its order, then those that only the training data has."""
    listed = list(settings["problem"]["classes"])
    further = sorted(set(labels) - set(listed))
    if listed and further:
        config.log.warning("classes that the configuration does not list are added: %s", ", ".join(further))
    return listed + further


def row_weights(labels: np.ndarray, settings: Settings) -> np.ndarray:
    """Ones; where the metric gives every class the same say, the rows of a class share its say."""
    if settings["problem"]["metric"] not in ("balanced_accuracy", "f1_macro") or not settings.is_classification:
        return np.ones(len(labels))
    _, code, count = np.unique(labels, return_inverse=True, return_counts=True)
    return len(labels) / (len(count) * count[code])


def split(labels: np.ndarray, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Positions for training and for validation; each class in the same shares, a rare one only in training."""
    share, random = settings["training"]["validation_share"], np.random.default_rng(settings["model"]["seed"])
    groups = [np.arange(len(labels))]
    if settings.is_classification:
        groups = [np.flatnonzero(labels == name) for name in sorted(set(labels))]
    held = np.sort(np.concatenate([random.permutation(group)[: int(len(group) * share)] for group in groups]))
    return np.setdiff1d(np.arange(len(labels)), held), held


@dataclass
class Predictions:
    """What a model says: a class text or a number for each row, and for classes the probability of each."""

    values: np.ndarray
    chances: np.ndarray | None = None

    @classmethod
    def of(cls, chances: np.ndarray, classes: list[str]) -> "Predictions":
        return cls(np.array(classes, dtype=object)[chances.argmax(axis=1)], chances)

    @property
    def confidence(self) -> np.ndarray | None:
        """The probability of the class that is predicted."""
        return None if self.chances is None else self.chances.max(axis=1)


def main(arguments: list[str] | None = None) -> int:
    """Checks a table and tells how many rows are rejected, and why."""
    parser = config.parser(main.__doc__)
    parser.add_argument("--data", required=True, help="table to check")
    parser.add_argument("--labelled", action="store_true", help="look at the target too")
    parser.add_argument("--rejected", help="CSV to write the rejected rows to, with the column problem")
    told = parser.parse_args(arguments)
    settings = config.start(told)
    frame = read_all(told.data)
    checked = check(frame, settings, told.labelled)
    bad = ~checked.accepted()
    for name, reason in checked.reasons.items():
        print(f"{name}: {(reason != '').sum()} rows, first {reason[reason != ''].iloc[0]}")
    print(f"{len(frame) - bad.sum()} rows accepted, {bad.sum()} rejected")
    if told.rejected:
        frame[bad].assign(problem=checked.problem()[bad]).to_csv(told.rejected, index=False)
    return int(bad.any())


if __name__ == "__main__":
    sys.exit(config.run(main))
