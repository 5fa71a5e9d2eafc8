"""Figures of single errors: parity, distribution, by size, composition and functional group."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qm7bench.report.data import ReportEntry
from qm7bench.report.figures import style
from qm7bench.report.figures.gallery import Gallery

Floats = NDArray[np.float64]
SMALLEST_SHOWN = 1e-3
"""In kcal/mol; the line of a share ends here, as the smallest errors are chance."""


def parity(gallery: Gallery, entry: ReportEntry, energies: Floats) -> Markup:
    """Prediction against reference energy, and the error against it below."""
    known = np.isfinite(entry.errors)
    energy, error = energies[known], entry.errors[known]

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        looks = {"s": 3, "color": style.COLOURS[0], "alpha": 0.35, "linewidths": 0}
        ends = [energy.min(), energy.max()]
        above.plot(ends, ends, color=style.MUTED, linewidth=0.8)
        above.scatter(energy, energy + error, **looks, rasterized=True)
        above.set_ylabel("predicted (kcal/mol)")
        below.axhline(0, color=style.MUTED, linewidth=0.8)
        below.scatter(energy, error, **looks, rasterized=True)
        below.set_ylabel("error (kcal/mol)")
        below.set_xlabel("reference energy (kcal/mol)")
        for axes in (above, below):
            axes.grid(True)
            axes.locator_params(nbins=5)

    name = f"parity_{entry.fits.feature}.{entry.fits.model}"
    return gallery.draw(name, (style.NARROW, 3.9), draw)


def cumulative(gallery: Gallery, entries: list[ReportEntry]) -> Markup:
    """Share of molecules whose absolute error is below a bound."""

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "absolute error (kcal/mol)", "molecules below it (%)", log="x")
        axes.axvline(1.0, color=style.INK, linewidth=0.8, linestyle=":")
        lowest, largest = [], 0.0
        for i, entry in enumerate(entries):
            size = np.sort(style.drawable(np.abs(entry.known)))
            shown = style.thinned(len(size))
            share = 100 * (shown + 1) / len(size)
            marked = (10 + 5 * i, 40)
            axes.plot(size[shown], share, label=entry.label, markevery=marked, **style.mark(i))
            lowest.append(np.quantile(size, 0.02))
            largest = max(largest, size[-1])
        if largest > SMALLEST_SHOWN:
            axes.set_xlim(left=max(min(lowest), SMALLEST_SHOWN))
        axes.set_ylim(0, 101)
        style.plain_numbers(axes.xaxis)
        style.legend_below(figure, axes)

    return gallery.draw("error_distribution", (style.WIDE, 3.1 + 0.16 * len(entries)), draw)


def by_size(
    gallery: Gallery, entries: list[ReportEntry], sizes: pd.Series, means: pd.DataFrame
) -> Markup:
    """Mean absolute error against the number of atoms.

    Parameters
    ----------
    sizes : Series
        Mean number of atoms of each group.
    means : DataFrame
        Mean absolute error of each group (row) for each entry (column, its number).
    """

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "atoms in the molecule", "MAE (kcal/mol)", log="y")
        for i, entry in enumerate(entries):
            axes.plot(
                sizes, style.drawable(means[entry.number]), label=entry.label, **style.mark(i)
            )
        style.plain_numbers(axes.yaxis)
        style.legend_below(figure, axes)

    return gallery.draw("error_by_size", (style.WIDE, 3.1 + 0.16 * len(entries)), draw)


def by_group(
    gallery: Gallery, name: str, entries: list[ReportEntry], groups: tuple[pd.Series, pd.DataFrame]
) -> Markup:
    """Mean absolute error of each group, one line for each, the first on top.

    Parameters
    ----------
    name : str
        Of the figure.
    groups : tuple of Series and DataFrame
        Number of molecules of each group, and mean absolute errors as in `by_size`.
    """
    counts, means = groups

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "MAE (kcal/mol)", "", log="x", grid="both")
        heights = -np.arange(len(means))
        for i, entry in enumerate(entries):
            values = style.drawable(means[entry.number])
            axes.plot(values, heights, linestyle="", label=entry.label, **style.mark(i))
        axes.set_yticks(heights, [f"{label} ({counts[label]:,})" for label in means.index])
        style.plain_numbers(axes.xaxis)
        style.legend_below(figure, axes)

    height = 1.3 + 0.24 * len(means) + 0.16 * len(entries)
    return gallery.draw(name, (style.WIDE, height), draw)
