"""Figures of what errors cost: error against CPU seconds, and training epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qm7bench.leaderboard.columns import plain_records
from qm7bench.leaderboard.names import in_words
from qm7bench.report.data import ReportEntry
from qm7bench.report.error_groups import pareto_front
from qm7bench.report.figures import style
from qm7bench.report.figures.gallery import Gallery

CURVES = (
    ("test_mae", "test MAE", style.COLOURS[0], "-"),
    ("held_out_mae", "held-out MAE", style.COLOURS[1], "--"),
    ("training_loss", "training loss", style.COLOURS[5], ":"),
)
FAMILIES = {
    "kernel": ("o", style.COLOURS[0]),
    "network": ("^", style.COLOURS[1]),
    "linear": ("s", style.COLOURS[2]),
    "neighbours": ("D", style.COLOURS[3]),
    "ensemble": ("P", style.COLOURS[4]),
}
OTHER_FAMILY = ("X", style.COLOURS[5])
"""Marker and colour of each family of models, and of those that are not listed."""
TRACK_FILLS = ("none", "left", "bottom")
"""How marks of separate tracks are filled, one after the other."""
LEGEND = {"handlelength": 1.2, "columnspacing": 1.4, "handletextpad": 0.5}
CHEMICAL_ACCURACY = 1.0
"""In kcal/mol."""


@dataclass(frozen=True)
class CostPoint:
    """An entry of the leaderboard in the figure of error against cost.

    Attributes
    ----------
    rank : int
        Place in the leaderboard, from 1.
    model, feature, family : str
        In words.
    track : str
        Whose energies the entry also uses; empty for most.
    seconds : float
        CPU seconds of all fits and of the selection, divided by the number of test folds.
    mae : float
        Nested mean absolute error in kcal/mol.
    """

    rank: int
    model: str
    feature: str
    family: str
    track: str
    seconds: float
    mae: float


def cost_points(leaderboard: pd.DataFrame) -> list[CostPoint]:
    """Entries of a leaderboard that have an error."""
    known = leaderboard[leaderboard["mae"].notna()]
    return [
        CostPoint(
            rank=rank,
            model=in_words(line["model"]),
            feature=in_words(line["feature"]),
            family=line["family"],
            track=in_words(line["extra_data"]),
            seconds=line["cpu_seconds"] / len(line["folds"].split()),
            mae=line["mae"],
        )
        for rank, line in enumerate(plain_records(known), start=1)
    ]


def on_front(points: Sequence[CostPoint]) -> list[CostPoint]:
    """Entries that no other is both cheaper and better than, cheapest first.

    Entries of separate tracks are left out. Errors are compared as the leaderboard shows them:
    what differs in the third digit after the point only is equal.
    """
    main = [point for point in points if not point.track]
    costs = np.array([point.seconds for point in main])
    errors = np.array([point.mae for point in main]).round(2)
    return [main[i] for i in pareto_front(costs, errors)]


def error_against_cost(
    gallery: Gallery, points: Sequence[CostPoint], name: str, size: tuple[float, float], key: bool
) -> Markup:
    """Scatter of all entries, and the line below which none lies for its cost.

    Families are told apart by shape and colour, tracks by how the mark is filled; entries on the
    line carry their rank.

    Parameters
    ----------
    name : str
        Of the figure.
    size : tuple of float
        Width and height in inches.
    key : bool
        Whether to name the entries on the line in the empty corner below it.
    """

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "CPU seconds for each test fold", "MAE (kcal/mol)", "xy")
        _chemical_accuracy(axes)
        front = on_front(points)
        looks = {
            "where": "post",
            "color": style.MUTED,
            "linewidth": 1.0,
            "label": "lowest for its cost",
        }
        axes.step([p.seconds for p in front], style.drawable([p.mae for p in front]), **looks)
        _scatter(axes, points)
        axes.margins(0.07)
        if key:
            _key(axes, front)
        figure.legend(loc="outside lower left", ncols=max(2, int(size[0] / 1.9)), **LEGEND)
        figure.draw_without_rendering()
        _ranks(axes, front)

    return gallery.draw(name, size, draw)


def _chemical_accuracy(axes: Any) -> None:
    axes.axhline(CHEMICAL_ACCURACY, color=style.MUTED, linewidth=0.9, linestyle=":", zorder=0.9)
    place = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "bottom"}
    axes.text(0.99, CHEMICAL_ACCURACY, "chemical accuracy", fontsize=8, color=style.MUTED, **place)


def _scatter(axes: Any, points: Sequence[CostPoint]) -> None:
    families = [f for f in FAMILIES if any(p.family == f for p in points)]
    families += sorted({p.family for p in points} - set(FAMILIES))
    tracks = sorted({p.track for p in points if p.track})
    fills = {"": "full", **dict(zip(tracks, cycle(TRACK_FILLS), strict=False))}
    for family in families:
        marker, colour = FAMILIES.get(family, OTHER_FAMILY)
        axes.plot([], [], label=family, **_mark(marker, colour, "full"))
        for point in points:
            if point.family == family:
                looks = _mark(marker, colour, fills[point.track])
                axes.plot(point.seconds, style.drawable(point.mae), **looks)
    for track in tracks:
        axes.plot(
            [], [], label=f"also uses energies of {track}", **_mark("o", style.MUTED, fills[track])
        )


def _mark(marker: str, colour: str, fill: str) -> dict[str, Any]:
    edge = style.PAPER if fill == "full" else colour
    return {
        "linestyle": "",
        "marker": marker,
        "color": colour,
        "fillstyle": fill,
        "markersize": 7,
        "markerfacecoloralt": "none",
        "markeredgecolor": edge,
        "markeredgewidth": 0.6 if fill == "full" else 1.3,
    }


def _key(axes: Any, front: Sequence[CostPoint]) -> None:
    """Names of the entries on the line, in the corner that is empty because it is the front."""
    lines = [f"{p.rank} {p.model}, {p.mae:.2f}" for p in reversed(front)]
    text = "\n".join(["Lowest error for its cost (rank, MAE):", *lines])
    place = {"transform": axes.transAxes, "ha": "left", "va": "bottom", "zorder": 1}
    box = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 2.0}
    axes.text(0.012, 0.025, text, fontsize=8, linespacing=1.35, color=style.INK, bbox=box, **place)


def _ranks(axes: Any, front: Sequence[CostPoint]) -> None:
    """Rank of each entry on the line to the lower left of it, moved down where two would meet.

    The last and best one has nothing of the line on its right.
    """
    lowest, last = np.inf, -np.inf
    for point in front:
        place = (point.seconds, float(style.drawable(point.mae)))
        x, y = axes.transData.transform(place)
        height = min(y - 9, lowest - 9) if x - last < 24 else y - 9
        side, shift = ("left", 6) if point is front[-1] else ("right", -6)
        looks = {"textcoords": "offset points", "va": "center", "fontsize": 8, "color": style.INK}
        axes.annotate(str(point.rank), place, xytext=(shift, height - y), ha=side, **looks)
        lowest, last = height, x


def training_curves(gallery: Gallery, entry: ReportEntry) -> Markup:
    """Error and loss of one entry by epoch: the mean over folds, each fold thinner behind it."""

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "epoch", "kcal/mol", log="y")
        for column, label, colour, dashes in CURVES:
            curves = [_curve(history, column) for history in entry.histories.values()]
            curves = [(x, y) for x, y in curves if len(x)]
            for x, y in curves:
                shown = style.thinned(len(x))
                axes.plot(x[shown], y[shown], color=colour, linewidth=0.5, alpha=0.5)
            if curves:
                x, y = _mean_curve(curves)
                axes.plot(x, y, color=colour, linestyle=dashes, label=label)
        style.plain_numbers(axes.yaxis)
        if axes.lines:
            axes.legend(loc="upper right")

    name = f"training_{entry.fits.feature}.{entry.fits.model}"
    return gallery.draw(name, (style.NARROW, 2.6), draw)


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
