"""Sections on the choice of hyper-parameters: how optimistic the best on test is; every choice."""

from __future__ import annotations

from typing import Any

import numpy as np

from qm7bench.leaderboard.cells import Cell
from qm7bench.report.data import ReportData, ReportEntry
from qm7bench.report.figures import entries as figures_entries
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import Panel, Section, Table


def nested_against_best(data: ReportData, gallery: Gallery) -> Section | None:
    """Section: how optimistic it is to choose on the test folds, and each fold's error."""
    chosen = [(entry, entry.optimism) for entry in data.entries if entry.optimism is not None]
    panels = []
    if chosen:
        panels.append(
            Panel(
                figures_entries.optimism(gallery, [entry for entry, _ in chosen]),
                "Nested error above the smallest test error of any grid point. Below zero, "
                "choosing for each fold by itself did even better.",
                "Nested against best on test (optimistic)",
            )
        )
    several = [e for e in data.entries if len(e.folds) > 1 and e.record["mae"] > 0]
    if several:
        panels.append(
            Panel(
                figures_entries.spread_over_folds(gallery, several, data.folds),
                "Each mark is one test fold, relative to the entry's mean. A fold that lies on the "
                "same side for most entries has harder or easier molecules; a wide line is a "
                "matter of chance with single molecules.",
                "Spread over the folds",
            )
        )
    if not panels:
        return None
    excess = [value for _, value in chosen]
    values = {
        "panels": panels,
        "chosen": len(chosen),
        "median": float(np.median(excess)) if excess else None,
        "largest": max(excess, default=None),
        "worst": chosen[int(np.argmax(excess))][0].label if excess else "",
    }
    return Section("nested", "How far to trust the errors", values)


def grid_choices(data: ReportData) -> Section | None:
    """Section: warnings of choices on a grid's edge, and what every fold chose."""
    chosen = [entry for entry in data.entries if entry.fits.grid]
    if not chosen:
        return None
    warned = [entry for entry in chosen if entry.record["grid_edges"]]
    head = [
        Cell("#"),
        Cell("entry"),
        *[Cell(f"fold {f}") for f in data.folds],
        Cell("best on test (optimistic)"),
    ]
    body = [_choices(entry, data.folds) for entry in chosen]
    caption = "Hyper-parameters that each test fold's training molecules chose"
    values = {
        "chosen": len(chosen),
        "warnings": [f"{entry.label}: {_ranges(entry)}" for entry in warned],
        "table": Table(caption, head, body),
    }
    return Section("grids", "Chosen hyper-parameters", values)


def _choices(entry: ReportEntry, folds: list[int]) -> list[Cell]:
    by_fold = {m["fold"]: _choice(entry, m["parameters"]) for m in entry.fits.metrics}
    best = entry.fits.optimistic
    return [
        Cell(entry.number),
        Cell(entry.label),
        *[Cell(by_fold.get(fold, "")) for fold in folds],
        Cell(_choice(entry, best["parameters"]) if best else ""),
    ]


def _choice(entry: ReportEntry, parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_short(parameters[name])}" for name in entry.fits.grid)


def _ranges(entry: ReportEntry) -> str:
    grid = entry.fits.grid
    names = entry.record["grid_edges"].split()
    return "; ".join(f"{n} from {_short(min(grid[n]))} to {_short(max(grid[n]))}" for n in names)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).strip('"')
