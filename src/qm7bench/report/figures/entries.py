"""Figures with one line for each entry: optimism, spread over folds, quantiles of errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from qm7bench.report.data import ReportEntry
from qm7bench.report.figures import style
from qm7bench.report.figures.gallery import Gallery

LINE = 0.31
"""Height of one line in inches: its name above, its marks below."""


def optimism(gallery: Gallery, entries: list[ReportEntry]) -> Markup:
    """By how much the nested error exceeds the best on test, in per cent, where it is known."""

    def draw(figure: Figure) -> None:
        axes = _lines(figure, entries, "nested MAE above best on test (%)")
        for i, entry in enumerate(entries):
            axes.plot([0, entry.optimism], [-i, -i], color=style.COLOURS[0], linewidth=2)
            axes.plot(entry.optimism, -i, "o", color=style.COLOURS[0], markersize=5)
        _zero(axes, entries)

    return gallery.draw("nested_against_best_on_test", _size(entries), draw)


def spread_over_folds(gallery: Gallery, entries: list[ReportEntry], folds: list[int]) -> Markup:
    """Each fold's MAE relative to the entry's mean, which must not be zero."""

    def draw(figure: Figure) -> None:
        axes = _lines(figure, entries, "fold's MAE relative to the entry's mean (%)")
        _zero(axes, entries)
        for j, fold in enumerate(folds):
            own = [(i, entry) for i, entry in enumerate(entries) if fold in entry.folds]
            heights = [-i for i, _ in own]
            values = [100 * (_mae(entry, fold) / entry.record["mae"] - 1) for _, entry in own]
            axes.plot(values, heights, linestyle="", label=f"fold {fold}", **style.mark(j))
        figure.legend(loc="outside lower left", ncols=5, columnspacing=0.9, handletextpad=0.1)

    width, height = _size(entries)
    return gallery.draw("spread_over_folds", (width, height + 0.25), draw)


def quantiles(gallery: Gallery, entries: list[ReportEntry]) -> Markup:
    """Absolute errors of each entry: 5 to 95 %, quarters, median and mean."""

    def draw(figure: Figure) -> None:
        axes = _lines(figure, entries, "absolute error (kcal/mol)", log="x")
        for i, entry in enumerate(entries):
            size = style.drawable(np.abs(entry.known))
            # Where all are equal, what differs by rounding would make a scale of its own.
            shares = np.quantile(size, [0.05, 0.25, 0.5, 0.75, 0.95]).round(6)
            low, first, median, third, high = shares
            axes.plot([low, high], [-i, -i], color=style.COLOURS[5], linewidth=1)
            axes.plot([first, third], [-i, -i], color=style.COLOURS[0], linewidth=5, alpha=0.55)
            axes.plot(median, -i, "|", color=style.INK, markersize=9, markeredgewidth=1.6)
            axes.plot(size.mean().round(6), -i, "D", color=style.COLOURS[1], markersize=4)
        style.plain_numbers(axes.xaxis)

    return gallery.draw("error_quantiles", _size(entries), draw)


def _lines(figure: Figure, entries: list[ReportEntry], x: str, log: str = "") -> Any:
    """Axes with the name of each entry above its line; line i is at height -i."""
    axes = style.axes_of(figure, x, "", log, grid="x")
    axes.set_ylim(-len(entries) + 0.4, 0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(top=True, labeltop=True, which="both")
    for i, entry in enumerate(entries):
        place = {"transform": axes.get_yaxis_transform(), "va": "center"}
        name = f"{entry.number} · {entry.label}"
        size = 7.5 if len(name) < 62 else 6.6
        axes.text(0.0, 0.4 - i, name, fontsize=size, color=style.INK, **place)
        axes.axhline(-i - 0.32, color=style.MUTED, linewidth=0.25)
    return axes


def _zero(axes: Any, entries: list[ReportEntry]) -> None:
    """Mark of zero on each line, which leaves the names free."""
    heights = -np.arange(len(entries), dtype=float)
    axes.vlines(
        np.zeros(len(entries)), heights - 0.24, heights + 0.18, color=style.MUTED, linewidth=0.9
    )


def _size(entries: list[ReportEntry]) -> tuple[float, float]:
    return style.WIDE, 0.85 + LINE * len(entries)


def _mae(entry: ReportEntry, fold: int) -> float:
    found = entry.fits.metrics[entry.folds.index(fold)]["mae"]
    return float("nan") if found is None else float(found)
