"""Figures of how far intervals and uncertainties can be trusted."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qm7bench.report.data import ReportEntry
from qm7bench.report.figures import style
from qm7bench.report.figures.gallery import Gallery

Floats = NDArray[np.float64]
LEVELS = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])
BINS = 10


def coverage(gallery: Gallery, entries: list[ReportEntry], folds: NDArray[np.int64]) -> Markup:
    """Coverage of the intervals - nominal level, against the level."""

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "nominal coverage (%)", "coverage - nominal (%)")
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        for i, entry in enumerate(entries):
            found = np.array([covered(entry, folds, level) for level in LEVELS])
            axes.plot(100 * LEVELS, 100 * (found - LEVELS), label=entry.label, **style.mark(i))
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -2), max(high, 2))
        style.legend_below(figure, axes)

    return gallery.draw("coverage", (style.WIDE, 2.6 + 0.16 * len(entries)), draw)


def covered(entry: ReportEntry, folds: NDArray[np.int64], level: float) -> float:
    """Share of its predicted molecules inside their intervals; NaN where some have none."""
    known = np.isfinite(entry.errors)
    half_widths = entry.half_widths(folds, level)[known]
    if not np.isfinite(half_widths).all():
        return float("nan")
    return float((np.abs(entry.errors[known]) <= half_widths).mean())


def error_against_uncertainty(gallery: Gallery, entries: list[ReportEntry]) -> Markup:
    """Median and 90 % quantile of absolute errors against uncertainty, of tenths of molecules."""

    def draw(figure: Figure) -> None:
        axes = style.axes_of(
            figure, "uncertainty (kcal/mol)", "absolute error (kcal/mol)", log="xy"
        )
        for i, entry in enumerate(entries):
            uncertainty, median, ninth = map(style.drawable, binned(entry))
            for size, line, label in (
                (median, "-", f"{entry.label}: median"),
                (ninth, "--", "nine of ten are below"),
            ):
                axes.plot(uncertainty, size, linestyle=line, label=label, **style.mark(i))
        style.plain_numbers(axes.xaxis)
        style.plain_numbers(axes.yaxis)
        style.legend_below(figure, axes)

    return gallery.draw("error_against_uncertainty", (style.WIDE, 2.6 + 0.32 * len(entries)), draw)


def binned(entry: ReportEntry) -> tuple[Floats, Floats, Floats]:
    """Mean uncertainty, median and 90 % quantile of the absolute error in tenths of molecules."""
    assert entry.uncertainties is not None
    known = np.isfinite(entry.errors)
    uncertainty, size = entry.uncertainties[known], np.abs(entry.errors[known])
    parts = [part for part in np.array_split(np.argsort(uncertainty), BINS) if len(part)]
    means = np.array([uncertainty[part].mean() for part in parts])
    quantiles = np.array([np.quantile(size[part], [0.5, 0.9]) for part in parts])
    return means, quantiles[:, 0], quantiles[:, 1]
