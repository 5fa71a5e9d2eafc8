"""A track's table: a line for each entry, the best first; its files, and reading them back."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.artefacts.parquet import read_records, write_table
from qm7bench.beyond.entries import predictions_for
from qm7bench.beyond.track import Column, Measured, NotApplicableError, Track, Value
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.published_predictions import PredictedEntry

ENTRY = (
    Column("feature", "", "feature", "Representation of the molecules."),
    Column("model", "", "model", "Model."),
    Column("extra_data", "", "also uses", "Whose energies the entry also uses: a separate track."),
    Column("folds", "", "folds", "Test folds, separated by blanks."),
    Column("mae", "kcal/mol", "MAE, random folds", "Mean absolute error of the leaderboard."),
)
"""Columns that every track's table begins with."""
TEXTS = frozenset(("feature", "model", "extra_data", "folds"))


@dataclass(frozen=True)
class BeyondTable:
    """Table of a track.

    Attributes
    ----------
    track : Track
    lines : list of dict
        A value for each column, None where there is none; the best entry first, separate tracks
        last.
    why_not : str
        Why the track says nothing about the data set; empty where it does.
    """

    track: Track
    lines: list[Measured]
    why_not: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns: the entry's, then the track's."""
        return (*ENTRY, *self.track.columns)


def measured(track: Track, dataset: Dataset, entries: Sequence[PredictedEntry]) -> BeyondTable:
    """Measure every entry; those of separate tracks come last, as in the leaderboard."""
    try:
        measure = track.prepare(dataset)
    except NotApplicableError as reason:
        return BeyondTable(track, [], str(reason))
    return table_of(track, [(e, measure(predictions_for(dataset, e))) for e in entries])


def table_of(track: Track, found: Sequence[tuple[PredictedEntry, Measured]]) -> BeyondTable:
    """Table of entries, each with what was measured of it; separate tracks come last."""
    lines = [_line(track, entry, own) for entry, own in found]
    first = track.columns[0].name
    return BeyondTable(track, sorted(lines, key=lambda line: _order(line, first)))


def _line(track: Track, entry: PredictedEntry, found: Measured) -> Measured:
    said = (entry.feature, entry.model, entry.track, entry.test_folds, _plain(entry.mae))
    own: Measured = dict(zip((column.name for column in ENTRY), said, strict=True))
    return {**own, **{column.name: _plain(found[column.name]) for column in track.columns}}


def _order(line: Measured, first: str) -> tuple[str, float, str, str]:
    """Sorts by the track's first column; entries without a value come last."""
    value = line[first]
    number = value if isinstance(value, int | float) else math.inf
    return str(line["extra_data"]), number, str(line["feature"]), str(line["model"])


def _plain(value: Any) -> Value:
    """Value as Python has it; None where it is missing."""
    found: Value = value.item() if hasattr(value, "item") else value
    return None if isinstance(found, float) and not math.isfinite(found) else found


def write_beyond_table(path: Path, table: BeyondTable) -> None:
    """Write a table as CSV, Parquet or Markdown, by the path's ending; atomically."""
    names = [column.name for column in table.columns]
    if path.suffix == ".parquet":
        write_table(path, {name: [line[name] for line in table.lines] for name in names})
        return
    text = _markdown(table) if path.suffix == ".md" else _csv(table, names)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _markdown(table: BeyondTable) -> str:
    # Only here, as it imports pandas.
    from qm7bench.beyond.markdown import to_markdown

    return to_markdown(table)


def _csv(table: BeyondTable, names: list[str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table.lines)
    return text.getvalue()


def read_beyond_table(path: Path, track: Track) -> BeyondTable:
    """Read a table that was written as CSV or Parquet.

    Raises
    ------
    ArtefactError
        If the file is missing or damaged, or lacks a column.
    """
    lines = read_records(path) if path.suffix == ".parquet" else _read_csv(path)
    table = BeyondTable(track, [])
    names = [column.name for column in table.columns]
    for line in lines:
        missing = [name for name in names if name not in line]
        if missing:
            raise ArtefactError(f"{path}: lacks the column {missing[0]}; make the table again")
        table.lines.append({name: _plain(line[name]) for name in names})
    return table


def _read_csv(path: Path) -> list[dict[str, Value]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                {name: _value(name, text) for name, text in line.items()}
                for line in csv.DictReader(file)
            ]
    except FileNotFoundError as error:
        raise ArtefactError(f"{path}: does not exist; make the table first") from error


def _value(name: str, text: str) -> Value:
    """Value of a cell of a CSV file: a number where it reads as one, and is not an entry's text."""
    if name in TEXTS:
        return text
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text or None
