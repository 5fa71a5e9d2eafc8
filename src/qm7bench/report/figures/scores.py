"""Figures of a score: the predictions beside a published entry, as a whole and group by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qm7bench.report.figures import style
from qm7bench.report.figures.gallery import Gallery
from qm7bench.scoring.comparisons import GroupComparison
from qm7bench.scoring.text import group_in_words

Floats = NDArray[np.float64]
SMALLEST_SHOWN = 1e-3
"""In kcal/mol; the line of a share ends here, as the smallest errors are chance."""


def distribution(gallery: Gallery, errors: dict[str, Floats]) -> Markup:
    """Share of molecules whose absolute error is below a bound, one line for each label."""

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "absolute error (kcal/mol)", "molecules below it (%)", log="x")
        axes.axvline(1.0, color=style.INK, linewidth=0.8, linestyle=":")
        for i, (label, values) in enumerate(errors.items()):
            size = np.sort(style.drawable(np.abs(values[np.isfinite(values)])))
            shown = style.thinned(len(size))
            share = 100 * (shown + 1) / len(size)
            axes.plot(size[shown], share, label=label, markevery=(10 + 5 * i, 40), **style.mark(i))
        axes.set_xlim(left=SMALLEST_SHOWN)
        axes.set_ylim(0, 101)
        style.plain_numbers(axes.xaxis)
        style.legend_below(figure, axes)

    return gallery.draw("score_distribution", (style.WIDE, 3.4), draw)


def by_group(gallery: Gallery, groups: Sequence[GroupComparison], reference: str) -> Markup:
    """Mean absolute error of each group, the first on top, beside a published entry's if given."""

    def draw(figure: Figure) -> None:
        axes = style.axes_of(figure, "MAE (kcal/mol)", "", log="x")
        heights = -np.arange(len(groups))
        columns = {"yours": [group.mae for group in groups]}
        if reference:
            columns[reference] = [group.reference_mae for group in groups]
        for i, (label, values) in enumerate(columns.items()):
            axes.plot(style.drawable(values), heights, linestyle="", label=label, **style.mark(i))
        labels = [f"{group_in_words(group)} ({group.molecules:,})" for group in groups]
        axes.set_yticks(heights, labels)
        style.plain_numbers(axes.xaxis)
        style.legend_below(figure, axes)

    return gallery.draw("score_by_group", (style.WIDE, 1.6 + 0.2 * len(groups)), draw)
