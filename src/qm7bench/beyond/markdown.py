"""Tables of the tracks as Markdown: whole, or the entries that a page shows."""

from __future__ import annotations

from collections.abc import Sequence

from qm7bench.beyond.table import BeyondTable
from qm7bench.beyond.track import Column, Measured, Track, Value
from qm7bench.leaderboard.markdown import table as table_lines

BEST = 10
ALWAYS = (
    ("fchl19_extended_huckel", "electronic_kernel_ridge"),
    ("fchl19", "local_kernel_ridge"),
    ("radius_graph", "painn"),
    ("bag_of_bonds", "kernel_ridge_laplacian"),
)
"""Entries that a page shows wherever they are placed: one that readers know of each kind."""


def to_markdown(table: BeyondTable) -> str:
    """Every entry, the best first; what the track measures and what its columns mean."""
    head = [f"# {table.track.title}", "", table.track.meaning, ""]
    if table.why_not:
        return "\n".join([*head, table.why_not]) + "\n"
    own = [c for c in shown_columns(table) if c.name not in ("feature", "model")]
    return "\n".join([*head, *_lines(table, table.lines), "", *_meanings(own)]) + "\n"


def best_to_markdown(table: BeyondTable) -> str:
    """Table of the ten best entries, those that readers know, and the best separate tracks."""
    main = [line for line in table.lines if not line["extra_data"]]
    known = [line for line in main[BEST:] if (line["feature"], line["model"]) in ALWAYS]
    separate: dict[Value, Measured] = {}
    for line in table.lines[len(main) :]:
        separate.setdefault(line["extra_data"], line)
    shown = [*main[:BEST], *known, *separate.values()]
    told = f"{len(shown)} of {len(table.lines)} entries: the best, and some that are well known."
    left_out = [told, ""] if len(shown) < len(table.lines) else []
    return "\n".join([*left_out, *_lines(table, shown)]) + "\n"


def columns_to_markdown(track: Track) -> str:
    """What each column of a track means that stands beside the entries' own."""
    return "\n".join(_meanings(track.columns)) + "\n"


def shown_columns(table: BeyondTable) -> list[Column]:
    """Columns with a heading; those of folds and of extra data only where entries differ."""
    same = {
        name for name in ("folds", "extra_data") if len({line[name] for line in table.lines}) < 2
    }
    return [column for column in table.columns if column.title and column.name not in same]


def written(column: Column, line: Measured) -> str:
    """Text of a cell, empty where there is no value."""
    value = line[column.name]
    if isinstance(value, int | float):
        return column.form.format(value)
    return value or ""


def _lines(table: BeyondTable, lines: Sequence[Measured]) -> list[str]:
    columns = shown_columns(table)
    body = [[written(column, line) for column in columns] for line in lines]
    return table_lines([column.title for column in columns], body)


def _meanings(columns: Sequence[Column]) -> list[str]:
    return [
        f"- **{c.title}**{f' ({c.unit})' if c.unit else ''}: {c.help}" for c in columns if c.title
    ]
