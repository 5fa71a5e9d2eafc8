"""Figure of learning curves: error against the number of training molecules, both logarithmic."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from qm7bench.leaderboard.learning_curves import Record, exponent
from qm7bench.leaderboard.names import in_words
from qm7bench.report.figures import style
from qm7bench.report.figures.gallery import Gallery

LINES = ("-", "--", ":")


def learning_curves(gallery: Gallery, curves: list[list[Record]]) -> Markup:
    """Mean absolute error with its spread, and the fitted law as a thin line behind.

    Parameters
    ----------
    curves : list of lists of dict
        `learning_curves.by_entry`.
    """

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
        style.plain_numbers(axes.xaxis)
        style.plain_numbers(axes.yaxis)
        style.legend_below(figure, axes)

    return gallery.draw("learning_curves", (style.WIDE, 3.3 + 0.16 * len(curves)), draw)


def _label(record: Record) -> str:
    name = f"{in_words(record['model'])} · {in_words(record['feature'])}"
    return f"{name} ({exponent(record)})" if record["exponent"] is not None else name
