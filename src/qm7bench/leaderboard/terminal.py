"""The best entries as plain text for a terminal of 100 columns: what a run ends with."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from qm7bench.artefacts import results_tree as tree
from qm7bench.leaderboard.best import ShortTable, incomplete, reading_guide, short_tables
from qm7bench.leaderboard.columns import BRIEF
from qm7bench.leaderboard.files import read_leaderboard

WIDTH = 100
HEADING = 13
"""Headings of columns are wrapped at this width."""
GAP = "  "


def closing_words(dataset: str) -> str:
    """What a run on a data set ends with: the best entries, and where to read on.

    Parameters
    ----------
    dataset : str
        Its name in paths below `results`, of the working directory.

    Returns
    -------
    str
        Empty if there is no leaderboard.
    """
    summary = Path(tree.filled(tree.SUMMARY, dataset=dataset))
    report = Path(tree.filled(tree.REPORT, dataset=dataset))
    if not summary.with_suffix(".parquet").is_file():
        return ""
    lines = [best_entries(read_leaderboard(summary.with_suffix(".parquet")))]
    lines += [f"The whole table: {summary.with_suffix('.md')} (also .csv and .parquet)"]
    if report.is_file():
        lines += [f"Figures and single molecules: open {report} in a browser"]
    if tree.is_quick(dataset):
        lines += ["This was a quick look at few molecules, with few epochs: errors are large."]
        lines += ["`make full` runs everything."]
    return "\n".join(lines) + "\n"


def best_entries(frame: pd.DataFrame) -> str:
    """Ten best entries and those of separate tracks, with how to read them.

    Parameters
    ----------
    frame : DataFrame
        A leaderboard.

    Returns
    -------
    str
        Lines of at most 100 characters.
    """
    tables = short_tables(frame)
    widths = _widths(tables)
    name = str(frame["dataset"].iloc[0])
    lines = []
    for table in tables:
        lines += [table.title or f"Best entries on {name}", ""]
        lines += _table(table, widths)
        hidden = table.number - len(table.entries)
        lines += [f"    and {hidden} more"] * bool(hidden) + [""]
    marked = incomplete([entry for table in tables for entry in table.entries])
    for sentence in [*reading_guide(frame), marked]:
        lines += textwrap.wrap(sentence, WIDTH)
    return "\n".join(lines) + "\n"


def _widths(tables: Sequence[ShortTable]) -> list[int]:
    """Width of the place, the entry and each brief column, the same in all tables."""
    lines = [line for table in tables for line in table.lines()]
    brief = [
        max(len(text) for text in [*textwrap.wrap(column.title, HEADING), *cells])
        for column, cells in zip(
            BRIEF, zip(*(line[3:] for line in lines), strict=True), strict=True
        )
    ]
    place = max(len(line[0]) for line in lines)
    names = max(len(piece) for line in lines for piece in _entry(line, WIDTH))
    room = WIDTH - place - sum(brief) - len(GAP) * (len(brief) + 1)
    return [place, min(names, room), *brief]


def _table(table: ShortTable, widths: Sequence[int]) -> list[str]:
    heads = [["#"], ["entry"], *(textwrap.wrap(column.title, HEADING) for column in BRIEF)]
    found = _aligned(heads, widths)
    for line in table.lines():
        cells = [[line[0]], _entry(line, widths[1]), *([text] for text in line[3:])]
        found += _aligned(cells, widths)
    return found


def _entry(line: Sequence[str], width: int) -> list[str]:
    """FEATURE/MODEL in as many lines as it needs."""
    whole = f"{line[1]}/{line[2]}"
    if len(whole) <= width:
        return [whole]
    return [f"{line[1]}/", *textwrap.wrap(line[2], width - 2, initial_indent="  ")]


def _aligned(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """Lines of one row whose cells may have several lines; names to the left, numbers right."""
    height = max(map(len, cells))
    found = []
    for i in range(height):
        texts = [cell[i] if i < len(cell) else "" for cell in cells]
        padded = [
            text.ljust(width) if column == 1 else text.rjust(width)
            for column, (text, width) in enumerate(zip(texts, widths, strict=True))
        ]
        found.append(GAP.join(padded).rstrip())
    return found
