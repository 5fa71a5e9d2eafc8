"""Figure of learning curves: error against the number of training molecules, both logarithmic."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from qm7bench.leaderboard.learning_curves import Record, exponent
from qm7bench.report.figures.gallery import (
    COLOURS,
    MARKERS,
    WIDE,
    Gallery,
    axes_of,
    legend_below,
    plain_numbers,
)
from qm7bench.report.names import in_words

LINES = ("-", "--", ":")


def learning_curves(gallery: Gallery, rows: list[list[Record]]) -> str:
    """Mean absolute error with its spread, and the fitted law as a thin line behind.

    Parameters
    ----------
    rows : list of lists of dict
        `learning_curves.by_row`.
    """

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, "training molecules", "MAE (kcal/mol)", log="xy")
        for i, row in enumerate(rows):
            sizes = np.array([r["training_molecules"] for r in row])
            errors, spread = (np.array([r[name] for r in row]) for name in ("mae", "mae_std"))
            # On a logarithmic scale a spread that reaches zero has no lower end.
            below = np.minimum(spread, 0.9 * errors)
            style = {"color": COLOURS[i % 6], "marker": MARKERS[i % 6], "markersize": 4}
            axes.errorbar(
                sizes,
                errors,
                yerr=[below, spread],
                label=_label(row[0]),
                linestyle=LINES[i // 6 % 3],
                elinewidth=0.8,
                **style,
            )
            if row[0]["exponent"] is not None:
                law = row[0]["prefactor"] * sizes ** -row[0]["exponent"]
                axes.plot(sizes, law, color=COLOURS[i % 6], linewidth=0.6, alpha=0.6)
        plain_numbers(axes.xaxis)
        plain_numbers(axes.yaxis)
        legend_below(figure, axes)

    return gallery.draw("learning_curves", (WIDE, 3.3 + 0.16 * len(rows)), draw)


def _label(record: Record) -> str:
    name = f"{in_words(record['model'])} · {in_words(record['feature'])}"
    return f"{name} ({exponent(record)})" if record["exponent"] is not None else name
