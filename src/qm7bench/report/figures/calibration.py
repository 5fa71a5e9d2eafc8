"""Figures of how far intervals and uncertainties can be trusted."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qm7bench.report.data import ReportRow
from qm7bench.report.figures.gallery import (
    COLOURS,
    MARKERS,
    MUTED,
    WIDE,
    Gallery,
    axes_of,
    legend_below,
    plain_numbers,
)

Floats = NDArray[np.float64]
LEVELS = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])
BINS = 10


def coverage(gallery: Gallery, rows: list[ReportRow], folds: NDArray[np.int64]) -> str:
    """Share of molecules inside their intervals less the nominal level, against the level."""

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, "nominal coverage (%)", "coverage less nominal (%)")
        axes.axhline(0, color=MUTED, linewidth=0.8)
        for i, row in enumerate(rows):
            found = np.array([covered(row, folds, level) for level in LEVELS])
            style = {"color": COLOURS[i], "marker": MARKERS[i], "markersize": 4}
            axes.plot(100 * LEVELS, 100 * (found - LEVELS), label=row.label, **style)
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -2), max(high, 2))
        legend_below(figure, axes)

    return gallery.draw("coverage", (WIDE, 2.6 + 0.16 * len(rows)), draw)


def covered(row: ReportRow, folds: NDArray[np.int64], level: float) -> float:
    """Share of the row's molecules inside their intervals of that level."""
    known = np.isfinite(row.errors)
    inside = np.abs(row.errors) <= row.half_widths(folds, level)
    return float(inside[known].mean())


def error_against_uncertainty(gallery: Gallery, rows: list[ReportRow]) -> str:
    """Mean absolute error of tenths of the molecules against their mean uncertainty."""

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, "uncertainty (kcal/mol)", "absolute error (kcal/mol)", log="xy")
        for i, row in enumerate(rows):
            uncertainty, median, ninth = binned(row)
            style = {"color": COLOURS[i], "marker": MARKERS[i], "markersize": 4}
            axes.plot(uncertainty, median, label=f"{row.label}: median", **style)
            axes.plot(uncertainty, ninth, linestyle="--", label="nine of ten are below", **style)
        plain_numbers(axes.xaxis)
        plain_numbers(axes.yaxis)
        legend_below(figure, axes)

    return gallery.draw("error_against_uncertainty", (WIDE, 2.6 + 0.32 * len(rows)), draw)


def binned(row: ReportRow) -> tuple[Floats, Floats, Floats]:
    """Mean uncertainty, median and 90 % quantile of the absolute error in tenths of molecules."""
    assert row.uncertainties is not None
    known = np.isfinite(row.errors)
    uncertainty, size = row.uncertainties[known], np.abs(row.errors[known])
    parts = [part for part in np.array_split(np.argsort(uncertainty), BINS) if len(part)]
    means = np.array([uncertainty[part].mean() for part in parts])
    quantiles = np.array([np.quantile(size[part], [0.5, 0.9]) for part in parts])
    return means, quantiles[:, 0], quantiles[:, 1]
