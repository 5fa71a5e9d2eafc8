"""How single cells of the leaderboard read: text, the number it sorts by, and a longer hint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

Record = dict[str, Any]
SIGNIFICANT = 0.05
"""Differences with a q-value above this are not told apart from chance."""


@dataclass(frozen=True)
class Cell:
    """Cell of a table.

    Attributes
    ----------
    text : str
        What stands in it.
    value : float or None
        What it is sorted by, if not by its text.
    hint : str
        What an HTML page shows when the pointer rests on it.
    """

    text: str
    value: float | None = None
    hint: str = ""


def name_of_model(record: Record) -> Cell:
    """Model, marked where its choice sits on an edge of its grid."""
    edges = record["grid_edges"]
    if not edges:
        return Cell(record["model"])
    return Cell(f"{record['model']} (!)", hint=f"the choice sits on an edge of the grid ({edges})")


def text_of(cell: Callable[[Record], Cell]) -> Callable[[Record], str]:
    """The same as text alone."""
    return lambda record: cell(record).text


def mean(measure: str) -> Callable[[Record], Cell]:
    """Mean over folds, "none" where no molecule was predicted."""

    def cell(record: Record) -> Cell:
        value = record[measure]
        return Cell("none") if value is None else Cell(f"{value:.3f}", value)

    return cell


def with_spread(measure: str) -> Callable[[Record], Cell]:
    """Mean ± standard deviation over folds; a single fold has no spread."""

    def cell(record: Record) -> Cell:
        known = mean(measure)(record)
        if known.value is None or " " not in record["folds"]:
            return known
        return replace(known, text=f"{known.text} ± {record[f'{measure}_std']:.3f}")

    return cell


def mae(record: Record) -> Cell:
    """MAE with its spread, the folds where they are not all, and how many molecules it lacks."""
    cell, missing = with_spread("mae")(record), record.get("unpredicted")
    text = cell.text + record.get("named_folds", "")
    return Cell(f"{text} ({missing} not predicted)" if missing else text, cell.value)


def number(name: str, form: str = "{:.3f}") -> Callable[[Record], Cell]:
    """Cell of a number, empty where there is none."""

    def cell(record: Record) -> Cell:
        value = record[name]
        return Cell("") if value is None else Cell(form.format(value), value)

    return cell


def published(kind: str) -> Callable[[Record], Cell]:
    """Published figure ("document" or "literature") with its mark; the source as hint."""

    def cell(record: Record) -> Cell:
        value, word = record[f"{kind}_mae"], ""
        if value is None:
            value, word = record[f"{kind}_rmse"], "RMSE "
        if value is None:
            return Cell("")
        text = f"{word}{value:g} {replication_mark(record, kind)}".rstrip()
        return Cell(text, value, record[f"{kind}_source"])

    return cell


def replication_mark(record: Record, kind: str) -> str:
    """✓ for a published figure that is replicated, ▼ or ▲ where ours is lower or higher, or ""."""
    if record[f"{kind}_replicated"] is None:
        return ""
    if record[f"{kind}_replicated"]:
        return "✓"
    measure = "rmse" if record[f"{kind}_mae"] is None else "mae"
    return "▼" if record[f"{kind}_ours"] < record[f"{kind}_{measure}"] else "▲"


def difference(name: str, q_value: str) -> Callable[[Record], Cell]:
    """Difference of absolute errors, ° where the paired test does not tell it from chance."""

    def cell(record: Record) -> Cell:
        value, q = record[name], record[q_value]
        if value is None or q is None:
            return Cell("")
        return Cell(f"{value:+.3f}" + ("°" if q > SIGNIFICANT else ""), value, f"q = {q:.2g}")

    return cell


def interval(prefix: str) -> Callable[[Record], Cell]:
    """Mean width and coverage of the intervals whose columns begin with the prefix."""

    def cell(record: Record) -> Cell:
        coverage, width = record[f"{prefix}coverage_90"], record[f"{prefix}interval_width_90"]
        if coverage is None or width is None:
            return Cell("")
        return Cell(f"{width:.2f} ({100 * coverage:.1f} %)", width)

    return cell


def cpu_time(record: Record) -> Cell:
    """Processor time in the unit that people would say it in; the seconds as hint."""
    seconds = record["cpu_seconds"]
    text = f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    for unit, size in (("min", 60), ("h", 3600)):
        if seconds >= size:
            text = f"{seconds / size:.1f} {unit}"
    return Cell(text, seconds, f"{seconds:,.1f} s")
