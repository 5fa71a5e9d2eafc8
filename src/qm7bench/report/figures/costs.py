"""Figures of what errors cost: error against CPU seconds, and training epoch by epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qm7bench.report.data import ReportRow
from qm7bench.report.error_groups import pareto_front
from qm7bench.report.figures.gallery import (
    COLOURS,
    INK,
    NARROW,
    WIDE,
    Gallery,
    axes_of,
    plain_numbers,
    thinned,
)

CURVES = (
    ("test_mae", "test MAE", COLOURS[0], "-"),
    ("held_out_mae", "held-out MAE", COLOURS[1], "--"),
    ("training_loss", "training loss", COLOURS[5], ":"),
)


def error_against_cost(gallery: Gallery, rows: list[ReportRow]) -> tuple[str, list[ReportRow]]:
    """Scatter of all rows with the Pareto front, whose rows are returned too."""
    costs = np.array([seconds_per_fold(row) for row in rows])
    errors = np.array([row.record["mae"] for row in rows])
    # As the leaderboard shows them: what differs in a later digit is equal.
    front = pareto_front(costs, errors.round(2))

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, "CPU seconds for each test fold", "MAE (kcal/mol)", "xy")
        step = {"where": "post", "color": COLOURS[1], "linewidth": 1.2}
        axes.step(costs[front], errors[front], label="Pareto front", **step)
        neural = np.array([bool(row.record["budget"] or row.histories) for row in rows])
        for chosen, marker, label in ((~neural, "o", "no epochs"), (neural, "^", "neural network")):
            style = {"color": COLOURS[0], "markersize": 5, "linestyle": ""}
            if chosen.any():
                axes.plot(costs[chosen], errors[chosen], marker=marker, label=label, **style)
        axes.plot(costs[front], errors[front], "o", markersize=9, mfc="none", mec=COLOURS[1])
        for i in front:
            offset = {"textcoords": "offset points", "xytext": (-5, -11), "ha": "right"}
            axes.annotate(str(rows[i].rank), (costs[i], errors[i]), color=INK, fontsize=8, **offset)
        axes.margins(0.09)
        plain_numbers(axes.xaxis)
        plain_numbers(axes.yaxis)
        figure.legend(loc="outside lower left", ncols=3, handlelength=1.4, columnspacing=1.2)

    return gallery.draw("error_against_cost", (WIDE, 3.7), draw), [rows[i] for i in front]


def seconds_per_fold(row: ReportRow) -> float:
    """CPU seconds of all fits and of the selection, divided by the number of test folds."""
    return float(row.record["cpu_seconds"] / len(row.folds))


def training_curves(gallery: Gallery, row: ReportRow) -> str:
    """Error and loss of one row by epoch: the mean over folds, each fold thinner behind it."""

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, "epoch", "kcal/mol", log="y")
        for column, label, colour, style in CURVES:
            curves = [_curve(history, column) for history in row.histories.values()]
            curves = [(x, y) for x, y in curves if len(x)]
            for x, y in curves:
                shown = thinned(len(x))
                axes.plot(x[shown], y[shown], color=colour, linewidth=0.5, alpha=0.5)
            if curves:
                x, y = _mean_curve(curves)
                axes.plot(x, y, color=colour, linestyle=style, label=label)
        plain_numbers(axes.yaxis)
        axes.legend(loc="upper right")

    name = f"training_{row.result.feature}.{row.result.model}"
    return gallery.draw(name, (NARROW, 2.6), draw)


Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def _curve(history: dict[str, NDArray[Any]], column: str) -> Curve:
    """Epochs and values where the column has a positive finite value."""
    if column not in history:
        return np.empty(0), np.empty(0)
    values = np.array([np.nan if v is None else float(v) for v in history[column]])
    epochs = np.asarray(history["epoch"], dtype=np.float64)
    shown = np.isfinite(values) & (values > 0)
    return epochs[shown], values[shown]


def _mean_curve(curves: list[Curve]) -> Curve:
    """Mean over folds, up to the epoch that all of them reached."""
    last = min(x[-1] for x, _ in curves)
    first = max(x[0] for x, _ in curves)
    epochs = np.linspace(first, max(first, last), 200)
    return epochs, np.mean([np.interp(epochs, x, y) for x, y in curves], axis=0)
