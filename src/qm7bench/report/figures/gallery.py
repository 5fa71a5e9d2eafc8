"""One style for every figure, and figures as SVG text: inline in the page and as files.

Text stays text, so that it can be searched. Colours are those of Okabe and Ito that have a contrast
of at least 3:1 on white and on near-black, with ochre and grey made to match; no figure depends on
colour alone.

matplotlib writes the SVG. It has no option to leave out its preamble, metadata and ids of groups,
to keep the ids of two figures apart in one page, or to name colours of a style sheet, and no
library of the environment has: `_tidy` and `_for_page` therefore change its text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path

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
Draw = Callable[..., None]
Grid = Literal["both", "x", "y"]


class Gallery:
    """Figures of one report by name, drawn once and used twice."""

    def __init__(self) -> None:
        self.images: dict[str, str] = {}

    def draw(self, name: str, size: tuple[float, float], draw: Draw, *arguments: Any) -> Markup:
        """Draw a figure of the size (inches) and return it as it stands in the page.

        Parameters
        ----------
        name : str
            Of the file, without its ending.
        draw : callable
            Gets the empty figure and the arguments.
        """
        with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}):
            figure = Figure(figsize=size, layout="constrained")
            draw(figure, *arguments)
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None})
        self.images[name] = _tidy(text.getvalue(), name)
        return _for_page(self.images[name], size[0], name.replace("_", " "))

    def write(self, folder: Path) -> None:
        """Write every figure as `{name}.svg`, on white, and remove older ones."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.svg"):
            if old.stem not in self.images:
                old.unlink()
        for name in self.images:
            self.write_one(name, folder / f"{name}.svg")

    def write_one(self, name: str, path: Path) -> None:
        """Write a figure that was drawn to an SVG file, on white."""
        on_white = re.sub(
            r"(<svg [^>]*>)",
            r'\1<rect width="100%" height="100%" fill="#fff"/>',
            self.images[name],
            count=1,
        )
        with atomic_path(path) as temporary:
            temporary.write_text(on_white, encoding="utf-8")


def _tidy(image: str, name: str) -> str:
    """Leave out the preamble, metadata and ids of groups; make the other ids the figure's own."""
    image = image[image.index("<svg") :]
    image = re.sub(r"<metadata>.*?</metadata>", "", image, flags=re.DOTALL)
    image = re.sub(r"<!--.*?-->", "", image, flags=re.DOTALL)
    image = re.sub(r'<g id="[^"]*"', "<g", image)
    image = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", image)
    return re.sub(r"\n\s*\n+", "\n", image).strip() + "\n"


def _for_page(image: str, inches: float, label: str) -> Markup:
    """Inline form: as wide as its column up to 1.4 times its size, in the page's ink."""
    for own, page in PAGE_COLOURS.items():
        image = image.replace(own, page)
    size = f'style="width:100%;max-width:{inches * 96 * 1.4:.0f}px" role="img" aria-label="{label}"'
    return Markup(re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', size, image, count=1))


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


def legend_below(figure: Figure, axes: Any) -> None:
    """Legend under the axes, one line each, so that long names fit a phone."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=1, handlelength=1.6)


def thinned(length: int, most: int = 250) -> NDArray[np.int64]:
    """At most `most` indices, evenly spread, first and last among them."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).round().astype(np.int64))
