"""Figure of learning curves: error against the number of training molecules, both logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from qm7bench.leaderboard.learning_curves import Record, exponent
from qm7bench.leaderboard.names import in_words
from qm7bench.leaderboard.reference_values import OtherCurve, OtherMethod
from qm7bench.report.figures import style
from qm7bench.report.figures.gallery import Gallery

LINES = ("-", "--", ":")
OTHER_LINES = ("--", ":", "-.")
OTHER_MARKERS = ("x", "+", "1", "2", "3", "4")
NAME = "learning_curves"


def learning_curves(
    gallery: Gallery,
    curves: list[list[Record]],
    others: Sequence[OtherCurve] = (),
    methods: Sequence[OtherMethod] = (),
    width: float = style.WIDE,
) -> Markup:
    """Mean absolute error with its spread, and the fitted law as a thin line behind.

    Parameters
    ----------
    curves : list of lists of dict
        `learning_curves.by_entry`.
    others, methods : sequences
        Published curves of others, and methods of which one size is known; grey.
    width : float
        In inches.
    """
    known = {point for other in others for point in other.mae.items()}
    single = [
        m for m in methods if m.training_molecules and (m.training_molecules, m.mae) not in known
    ]

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "training molecules", "MAE (kcal/mol)", log="xy")
        for i, curve in enumerate(curves):
            sizes = np.array([r["training_molecules"] for r in curve])
            errors = style.drawable([r["mae"] for r in curve])
            spread = np.array([r["mae_std"] for r in curve])
            # On a logarithmic scale a spread that reaches zero has no lower end.
            below = np.minimum(spread, 0.9 * errors)
            axes.errorbar(
                sizes,
                errors,
                yerr=[below, spread],
                label=_label(curve[0]),
                linestyle=LINES[i // 6 % 3],
                elinewidth=0.8,
                **style.mark(i),
            )
            if curve[0]["exponent"] is not None:
                law = curve[0]["prefactor"] * sizes ** -curve[0]["exponent"]
                axes.plot(sizes, law, color=style.COLOURS[i % 6], linewidth=0.6, alpha=0.6)
        _others(axes, others)
        _methods(axes, single)
        style.plain_numbers(axes.xaxis)
        style.plain_numbers(axes.yaxis)
        # Lines with bars come last by themselves.
        style.legend_below(figure, axes, first=len(curves))

    lines = len(curves) + len(others) + len(single)
    return gallery.draw(NAME, (width, max(3.3, 0.5 * width) + 0.16 * lines), draw)


def _others(axes: Any, others: Sequence[OtherCurve]) -> None:
    for i, other in enumerate(others):
        look = {"color": style.MUTED, "linewidth": 0.9, "markersize": 4}
        look |= {"linestyle": OTHER_LINES[i % 3], "marker": OTHER_MARKERS[i % 6]}
        name = f"{other.method} ({other.source.name})"
        axes.plot(list(other.mae), list(other.mae.values()), label=name, **look)


def _methods(axes: Any, methods: Sequence[OtherMethod]) -> None:
    """One small mark each; the legend names those of one size together, in their order."""
    ordered = sorted(methods, key=lambda m: (m.training_molecules, m.mae))
    for i, (size, same) in enumerate(groupby(ordered, key=lambda m: m.training_molecules)):
        own = list(same)
        look = {"color": style.MUTED, "linestyle": "", "marker": "<>^v"[i % 4], "markersize": 4}
        names = "\n".join(f"{m.method} {m.mae:g} ({m.source.name})" for m in own)
        axes.plot([size] * len(own), [m.mae for m in own], label=names, **look)


def _label(record: Record) -> str:
    name = f"{in_words(record['model'])} · {in_words(record['feature'])}"
    return f"{name} ({exponent(record)})" if record["exponent"] is not None else name
