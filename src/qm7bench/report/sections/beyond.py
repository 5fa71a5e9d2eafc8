"""Section on tests beyond the random fold: isomers, reactions and others."""

from __future__ import annotations

from qm7bench.beyond.markdown import shown_columns, written
from qm7bench.beyond.table import BeyondTable
from qm7bench.beyond.track import Column, Measured
from qm7bench.leaderboard.cells import Cell
from qm7bench.leaderboard.names import in_words
from qm7bench.report.data import ReportData
from qm7bench.report.html import Section, Table, minus

IN_WORDS = ("feature", "model", "extra_data")


def beyond(data: ReportData) -> Section | None:
    """Section: a table for each test that applies to the data set; nothing without any."""
    tracks = [
        {"title": table.track.title, "meaning": table.track.meaning, "table": _table(table)}
        for table in data.beyond
        if table.lines
    ]
    return Section("beyond", "Beyond the random fold", {"tracks": tracks}) if tracks else None


def _table(table: BeyondTable) -> Table:
    columns = shown_columns(table)
    head = [
        Cell(c.title, hint=f"{c.help} {f'In {c.unit}.' if c.unit else ''}".strip()) for c in columns
    ]
    body = [[_cell(column, line) for column in columns] for line in table.lines]
    return Table(f"{table.track.title}, separate tracks last", head, body)


def _cell(column: Column, line: Measured) -> Cell:
    value = line[column.name]
    if isinstance(value, int | float):
        return Cell(minus(written(column, line)), float(value))
    return Cell(in_words(value or "") if column.name in IN_WORDS else value or "")
