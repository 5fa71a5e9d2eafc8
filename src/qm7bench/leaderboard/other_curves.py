"""Our learning curves and published ones of others in one table."""

from __future__ import annotations

import math
from collections.abc import Iterable

from qm7bench.leaderboard.learning_curves import Record, by_entry
from qm7bench.leaderboard.markdown import table
from qm7bench.leaderboard.reference_values import OtherCurve

SIZES = (100, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000)
"""Columns; an error stands in that of the nearest size, with its own where that differs."""


def beside_others(records: list[Record], others: Iterable[OtherCurve]) -> str:
    """Table with a line for each of our curves, then one for each of the others'."""
    body = []
    for curve in by_entry(records):
        folds = curve[-1]["folds"]
        name = f"{curve[0]['feature']}/{curve[0]['model']}, fold{'s' * (' ' in folds)} {folds}"
        body.append([name, *_cells({r["training_molecules"]: r["mae"] for r in curve}), "here"])
    body += [[other.method, *_cells(other.mae), other.source.name] for other in others]
    return "\n".join(table(["method", *(f"{n:,}" for n in SIZES), "source"], body)) + "\n"


def _cells(errors: dict[int, float]) -> list[str]:
    def column_of(size: int) -> int:
        return min(SIZES, key=lambda n: abs(math.log(n / size)))

    def distance(size: int) -> float:
        return abs(math.log(column_of(size) / size))

    # Of several sizes near a column the nearest comes last, and stays.
    nearest = {column_of(size): size for size in sorted(errors, key=distance, reverse=True)}
    return [_cell(column, nearest.get(column), errors) for column in SIZES]


def _cell(column: int, size: int | None, errors: dict[int, float]) -> str:
    if size is None:
        return ""
    own = "" if size == column else f" ({size:,})"
    return f"{errors[size]:.3g}{own}"
