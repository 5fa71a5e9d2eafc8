"""Figures of single errors: parity, distribution, by size, composition and functional group."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qm7bench.report.data import ReportRow
from qm7bench.report.error_groups import Group, mean_absolute
from qm7bench.report.figures.gallery import (
    COLOURS,
    INK,
    MARKERS,
    MUTED,
    NARROW,
    WIDE,
    Gallery,
    axes_of,
    legend_below,
    plain_numbers,
    thinned,
)

Floats = NDArray[np.float64]


def parity(gallery: Gallery, row: ReportRow, energies: Floats) -> str:
    """Prediction against energy, and the error against energy below it."""
    known = np.isfinite(row.errors)
    energy, error = energies[known], row.errors[known]

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        style = {"s": 3, "color": COLOURS[0], "alpha": 0.35, "linewidths": 0, "rasterized": True}
        ends = [energy.min(), energy.max()]
        above.plot(ends, ends, color=MUTED, linewidth=0.8)
        above.scatter(energy, energy + error, **style)
        above.set_ylabel("predicted (kcal/mol)")
        below.axhline(0, color=MUTED, linewidth=0.8)
        below.scatter(energy, error, **style)
        below.set_ylabel("error (kcal/mol)")
        below.set_xlabel("energy (kcal/mol)")
        for axes in (above, below):
            axes.grid(True)
            axes.locator_params(nbins=5)

    name = f"parity_{row.result.feature}.{row.result.model}"
    return gallery.draw(name, (NARROW, 3.9), draw)


def cumulative(gallery: Gallery, rows: list[ReportRow]) -> str:
    """Share of molecules whose absolute error is below a bound."""

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, "absolute error (kcal/mol)", "molecules below it (%)", log="x")
        axes.axvline(1.0, color=INK, linewidth=0.8, linestyle=":")
        lowest = []
        for i, row in enumerate(rows):
            size = np.sort(np.abs(row.errors[np.isfinite(row.errors)]))
            shown = thinned(len(size))
            share = 100 * (shown + 1) / len(size)
            style = {"color": COLOURS[i], "marker": MARKERS[i], "markevery": (10 + 5 * i, 40)}
            axes.plot(size[shown], share, markersize=4, label=row.label, **style)
            lowest.append(np.quantile(size, 0.02))
        axes.set_xlim(left=max(min(lowest), 1e-3))
        axes.set_ylim(0, 101)
        plain_numbers(axes.xaxis)
        legend_below(figure, axes)

    return gallery.draw("error_distribution", (WIDE, 3.1 + 0.16 * len(rows)), draw)


def by_size(gallery: Gallery, rows: list[ReportRow], groups: list[Group]) -> str:
    """Mean absolute error against the number of atoms."""

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, "atoms in the molecule", "MAE (kcal/mol)", log="y")
        sizes = [group.value for group in groups]
        for i, row in enumerate(rows):
            values = [mean_absolute(row.errors, group) for group in groups]
            style = {"color": COLOURS[i], "marker": MARKERS[i], "markersize": 4}
            axes.plot(sizes, values, label=row.label, **style)
        plain_numbers(axes.yaxis)
        legend_below(figure, axes)

    return gallery.draw("error_by_size", (WIDE, 3.1 + 0.16 * len(rows)), draw)


def by_composition(gallery: Gallery, rows: list[ReportRow], groups: list[Group]) -> str:
    """Mean absolute error for each set of heavy elements."""
    return _by_group(gallery, "error_by_composition", rows, groups)


def by_functional_group(gallery: Gallery, rows: list[ReportRow], groups: list[Group]) -> str:
    """Mean absolute error of the molecules that hold each functional group."""
    return _by_group(gallery, "error_by_functional_group", rows, groups)


def _by_group(gallery: Gallery, name: str, rows: list[ReportRow], groups: list[Group]) -> str:
    def draw(figure: Figure) -> None:
        axes = axes_of(figure, "MAE (kcal/mol)", "", log="x", grid="both")
        heights = -np.arange(len(groups))
        for i, row in enumerate(rows):
            values = [mean_absolute(row.errors, group) for group in groups]
            style = {"color": COLOURS[i], "marker": MARKERS[i], "markersize": 5}
            axes.plot(values, heights, linestyle="", label=row.label, **style)
        axes.set_yticks(heights, [f"{g.label} ({len(g.members):,})" for g in groups])
        plain_numbers(axes.xaxis)
        legend_below(figure, axes)

    height = 1.3 + 0.24 * len(groups) + 0.16 * len(rows)
    return gallery.draw(name, (WIDE, height), draw)
