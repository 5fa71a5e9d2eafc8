"""Figure of what a fit costs as molecules grow: processor time and memory, all logarithmic."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from qm7bench.leaderboard.learning_curves import Record
from qm7bench.leaderboard.names import in_words
from qm7bench.report.figures import style
from qm7bench.report.figures.gallery import Gallery

NAME = "cost_growth"
MB_PER_GB = 1000.0


@dataclass(frozen=True)
class Part:
    """What one part of the figure shows of a curve's records."""

    title: str
    column: str
    value: Callable[[Record], float]

    def known(self, record: Record) -> bool:
        """Whether the record has it: those published earlier have no memory."""
        return record.get(self.column) is not None


def _seconds(record: Record) -> float:
    return float(record["cpu_seconds"] / record["points"])


PARTS = (
    Part("CPU seconds of a fold", "cpu_seconds", _seconds),
    Part("peak memory (GB)", "peak_memory_mb", lambda r: float(r["peak_memory_mb"]) / MB_PER_GB),
)


def cost_growth(gallery: Gallery, curves: list[list[Record]], width: float = style.WIDE) -> Markup:
    """CPU seconds of one fold, and peak memory, against the number of training molecules.

    Each with its test molecules predicted and its share of the choice of hyper-parameters, without
    the representation. Curves that were published without memory have no line in that part.

    Parameters
    ----------
    curves : list of lists of dict
        `learning_curves.by_entry`.
    width : float
        In inches.
    """
    parts = [part for part in PARTS if any(part.known(record) for c in curves for record in c)]

    def draw(figure: Figure) -> None:
        all_axes = figure.subplots(len(parts), sharex=True, squeeze=False)[:, 0]
        for part, axes in zip(parts, all_axes, strict=True):
            _axes(axes, part.title)
            for i, curve in enumerate(curves):
                known = [record for record in curve if part.known(record)]
                look = {"linestyle": ("-", "--", ":")[i // 6 % 3], **style.mark(i)}
                sizes = [record["training_molecules"] for record in known]
                axes.plot(sizes, [part.value(r) for r in known], label=label(curve), **look)
        all_axes[-1].set_xlabel("training molecules")
        style.legend_below(figure, all_axes[0])

    return gallery.draw(NAME, (width, 0.45 * width * len(parts) + 0.16 * len(curves)), draw)


def growth(curve: list[Record]) -> float | None:
    """Exponent p of a cost that grows as n^p, from the two largest sizes; None with one size."""
    if len(curve) < 2:
        return None
    before, last = curve[-2:]
    sizes = [record["training_molecules"] for record in (before, last)]
    return math.log(_seconds(last) / _seconds(before)) / math.log(sizes[1] / sizes[0])


def label(curve: list[Record]) -> str:
    """Model, feature, and how its processor time grows at the end of its curve."""
    name = f"{in_words(curve[0]['model'])} · {in_words(curve[0]['feature'])}"
    exponent = growth(curve)
    # A zero that is added leaves no -0.0.
    return name if exponent is None else f"{name} (at last n^{round(exponent, 1) + 0.0:.1f})"


def _axes(axes: Any, title: str) -> None:
    axes.set_ylabel(title)
    axes.grid(True)
    axes.set_xscale("log")
    axes.set_yscale("log")
    style.plain_numbers(axes.xaxis)
    style.plain_numbers(axes.yaxis)
