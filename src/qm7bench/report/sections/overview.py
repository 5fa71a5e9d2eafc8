"""What a reader came for: error against cost, the ten best entries, and what the errors mean."""

from __future__ import annotations

import numpy as np

from qm7bench.artefacts.results_tree import is_quick
from qm7bench.leaderboard.best import INCOMPLETE, ShortTable, incomplete, short_tables
from qm7bench.leaderboard.cells import Cell, Record
from qm7bench.leaderboard.columns import BRIEF
from qm7bench.leaderboard.names import in_words
from qm7bench.report.data import ReportData
from qm7bench.report.figures.costs import (
    CHEMICAL_ACCURACY,
    cost_points,
    error_against_cost,
    on_front,
)
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import Section, Table

LARGE, SMALL = (7.6, 4.7), (3.7, 4.6)
"""Inches of the figure on a laptop and on a phone."""


def opening(data: ReportData) -> dict[str, object]:
    """Data set, its size, the number of entries and the best one."""
    return {
        "dataset": data.name,
        "molecules": len(data.dataset),
        "entries": sum(entry.track == data.best.track for entry in data.entries),
        "best": data.best,
    }


def overview(data: ReportData, gallery: Gallery) -> Section:
    """Section: figure, ten best, how to read them."""
    points = cost_points(data.leaderboard)
    optimistic = [entry.optimism for entry in data.entries if entry.optimism is not None]
    best = data.best
    main, *separate = short_tables(data.leaderboard)
    values = {
        "large": error_against_cost(gallery, points, "error_against_cost", LARGE, key=False),
        "small": error_against_cost(gallery, points, "error_against_cost_small", SMALL, key=False),
        "front": on_front(points),
        "best": _best(main),
        "incomplete": incomplete(main.entries),
        "separate": [_best_of_track(track.entries[0]) for track in separate],
        "optimism": float(np.median(optimistic)) if optimistic else None,
        "accurate": sum(entry.record["mae"] <= CHEMICAL_ACCURACY for entry in data.entries),
        "entries": len(data.entries),
        "within": 100 * float(np.mean(np.abs(best.known) <= CHEMICAL_ACCURACY)),
        "zero": [entry for entry in data.entries if entry.record["mae"] == 0],
        "quick": is_quick(data.dataset.name) or any(is_quick(e.fits.model) for e in data.entries),
    }
    return Section("overview", "Error against cost, and the ten best", values)


def _best_of_track(record: Record) -> dict[str, object]:
    """Best entry of a separate track, in words."""
    names = {name: in_words(record[name]) for name in ("model", "feature", "extra_data")}
    return {**names, "mae": record["mae"]}


def _best(first: ShortTable) -> Table:
    """Best entries of the first track, which is the main one where it has any."""
    head = [Cell("#"), Cell("model"), Cell("representation")]
    head += [Cell(column.title, hint=column.help) for column in BRIEF]
    body = [
        [
            Cell(str(place), place),
            Cell(in_words(r["model"]) + (f" {INCOMPLETE}" if r["incomplete"] else "")),
            Cell(in_words(r["feature"])),
            *(Cell(c.brief(r), _sorted_by(r[c.name])) for c in BRIEF if c.brief),
        ]
        for place, r in enumerate(first.entries, start=1)
    ]
    title = first.title or "The best entries trained on the training folds alone"
    return Table(f"{title}; errors in kcal/mol", head, body)


def _sorted_by(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
