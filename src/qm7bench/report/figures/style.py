"""How every figure looks: colours, marks, sizes, axes.

Colours are those of Okabe and Ito that have a contrast of at least 3:1 on white and on near-black,
with ochre and grey made to match; no figure depends on colour alone.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc6699", "#a87900", "#7f7f80")
"""Blue, vermilion, green, purple, ochre, grey."""
MARKERS = ("o", "s", "^", "D", "v", "P")
INK, MUTED, RULE, PAPER = "#1b1c1f", "#606269", "#d4d6da", "#ffffff"
PAGE_COLOURS = {
    **{INK: "var(--ink)", MUTED: "var(--muted)", RULE: "var(--rule)", PAPER: "var(--paper)"},
    **{colour: f"var(--colour-{i})" for i, colour in enumerate(COLOURS)},
}
"""What the figure's own colours become in the page, where they follow light and dark."""

SMALLEST_DRAWN = 1e-4
WIDE, NARROW = 4.1, 3.2
"""Widths in inches of a figure that stands in two columns, and in three."""

STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.5,
    "savefig.transparent": True,
    "figure.dpi": 72,
    "savefig.dpi": 160,
}
Grid = Literal["both", "x", "y"]


def mark(i: int) -> dict[str, Any]:
    """Colour and shape of the i-th entry of a figure, which come again after the sixth."""
    return {"color": COLOURS[i % 6], "marker": MARKERS[i % 6], "markersize": 4}


def drawable(values: Any) -> NDArray[np.float64]:
    """Errors for a logarithmic axis, where zero has no place: at least 0.0001 kcal/mol."""
    return np.maximum(np.asarray(values, dtype=np.float64), SMALLEST_DRAWN)


def axes_of(figure: Figure, x: str, y: str, log: str = "", grid: Grid = "both") -> Any:
    """Return the figure's only axes, labelled, with a light grid.

    Parameters
    ----------
    x, y : str
        Labels, with units.
    log : str
        Axes with a logarithmic scale: "", "x", "y" or "xy".
    """
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(True, axis=grid)
    if "x" in log:
        axes.set_xscale("log")
        plain_numbers(axes.xaxis)
    if "y" in log:
        axes.set_yscale("log")
        plain_numbers(axes.yaxis)
    return axes


def plain_numbers(axis: Any) -> None:
    """Label a logarithmic axis with 0.1, 1, 10, and with 2 and 5 between where it is short."""
    from matplotlib.ticker import FuncFormatter

    def between(value: float, _: int) -> str:
        low, high = axis.get_view_interval()
        digit = int(f"{value:e}"[0])
        return f"{value:,.10g}" if high < 300 * low and digit in (2, 5) else ""

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_formatter(FuncFormatter(between))
    axis.set_tick_params(which="minor", labelsize=STYLE["xtick.labelsize"])


def legend_below(figure: Figure, axes: Any, first: int = 0) -> None:
    """Legend under the axes, one line each, so that long names fit a phone.

    Parameters
    ----------
    first : int
        How many of the last lines shall come first.
    """
    handles, labels = axes.get_legend_handles_labels()
    place = len(handles) - first
    handles, labels = (own[place:] + own[:place] for own in (handles, labels))
    figure.legend(handles, labels, loc="outside lower left", ncols=1, handlelength=1.6)


def thinned(length: int, most: int = 250) -> NDArray[np.int64]:
    """At most `most` indices, evenly spread, first and last among them."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).round().astype(np.int64))
