"""Figures with one line for each row of the leaderboard: optimism, spread over folds, quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from qm7bench.report.data import ReportRow
from qm7bench.report.figures.gallery import (
    COLOURS,
    INK,
    MARKERS,
    MUTED,
    WIDE,
    Gallery,
    axes_of,
    plain_numbers,
)

LINE = 0.31
"""Height of one line in inches: its name above, its marks below."""


def _lines(figure: Figure, rows: list[ReportRow], x: str, log: str = "") -> Any:
    """Axes with the name of each row above its line; line i is at height -i."""
    axes = axes_of(figure, x, "", log, grid="x")
    axes.set_ylim(-len(rows) + 0.4, 0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(top=True, labeltop=True, which="both")
    for i, row in enumerate(rows):
        place = {"transform": axes.get_yaxis_transform(), "va": "center"}
        name = f"{row.rank} · {row.label}"
        size = 7.5 if len(name) < 62 else 6.6
        axes.text(0.0, 0.4 - i, name, fontsize=size, color=INK, **place)
        axes.axhline(-i - 0.32, color=MUTED, linewidth=0.25)
    return axes


def _zero(axes: Any, rows: list[ReportRow]) -> None:
    """Mark of zero on each line, which leaves the names free."""
    heights = -np.arange(len(rows), dtype=float)
    axes.vlines(np.zeros(len(rows)), heights - 0.24, heights + 0.18, color=MUTED, linewidth=0.9)


def _size(rows: list[ReportRow]) -> tuple[float, float]:
    return WIDE, 0.85 + LINE * len(rows)


def optimism(gallery: Gallery, rows: list[ReportRow]) -> str:
    """By how much the nested error exceeds the best on test, in per cent."""

    def draw(figure: Figure) -> None:
        axes = _lines(figure, rows, "nested MAE above best on test (%)")
        for i, row in enumerate(rows):
            nested, best = row.record["mae"], row.record["mae_best_on_test"]
            per_cent = 100 * (nested / best - 1)
            axes.plot([0, per_cent], [-i, -i], color=COLOURS[0], linewidth=2)
            axes.plot(per_cent, -i, "o", color=COLOURS[0], markersize=5)
        _zero(axes, rows)

    return gallery.draw("nested_against_best_on_test", _size(rows), draw)


def spread_over_folds(gallery: Gallery, rows: list[ReportRow], folds: list[int]) -> str:
    """Each fold's MAE relative to the row's mean."""

    def draw(figure: Figure) -> None:
        axes = _lines(figure, rows, "fold's MAE relative to the row's mean (%)")
        _zero(axes, rows)
        for j, fold in enumerate(folds):
            own = [(i, row) for i, row in enumerate(rows) if fold in row.folds]
            heights = [-i for i, _ in own]
            values = [100 * (_mae(row, fold) / row.record["mae"] - 1) for _, row in own]
            style = {"color": COLOURS[j % 6], "marker": MARKERS[j % 6]}
            axes.plot(values, heights, linestyle="", markersize=4.5, label=f"fold {fold}", **style)
        figure.legend(loc="outside lower left", ncols=5, columnspacing=0.9, handletextpad=0.1)

    width, height = _size(rows)
    return gallery.draw("spread_over_folds", (width, height + 0.25), draw)


def _mae(row: ReportRow, fold: int) -> float:
    return float(row.result.metrics[row.folds.index(fold)]["mae"])


def quantiles(gallery: Gallery, rows: list[ReportRow]) -> str:
    """Absolute errors of each row: 5 to 95 %, quarters, median and mean."""

    def draw(figure: Figure) -> None:
        axes = _lines(figure, rows, "absolute error (kcal/mol)", log="x")
        for i, row in enumerate(rows):
            size = np.abs(row.errors[np.isfinite(row.errors)])
            low, first, median, third, high = np.quantile(size, [0.05, 0.25, 0.5, 0.75, 0.95])
            axes.plot([low, high], [-i, -i], color=COLOURS[5], linewidth=1)
            axes.plot([first, third], [-i, -i], color=COLOURS[0], linewidth=5, alpha=0.55)
            axes.plot(median, -i, "|", color=INK, markersize=9, markeredgewidth=1.6)
            axes.plot(size.mean(), -i, "D", color=COLOURS[1], markersize=4)
        plain_numbers(axes.xaxis)

    return gallery.draw("error_quantiles", _size(rows), draw)
