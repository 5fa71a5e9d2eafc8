"""Sections on errors and costs: parity, distribution, size, composition, training, the front."""

from __future__ import annotations

import numpy as np

from qm7bench.registry.families import family_of
from qm7bench.report.data import ReportData, ReportRow
from qm7bench.report.error_groups import (
    groups_by_composition,
    groups_by_function,
    groups_by_size,
    mean_absolute,
)
from qm7bench.report.figures import costs as figures_costs
from qm7bench.report.figures import entries as figures_rows
from qm7bench.report.figures import errors as figures_errors
from qm7bench.report.figures.gallery import WIDE, Gallery
from qm7bench.report.html import columns, figure, notes, paragraph, section
from qm7bench.report.names import in_words

FEATURED = "Shown is the best row of each kind of model, at most six."


def cost(data: ReportData, gallery: Gallery) -> str:
    """Section: error against CPU seconds."""
    points = [_cost_point(row) for row in data.rows]
    image = figures_costs.error_against_cost(
        gallery, points, "error_against_cost", (WIDE, 4.4), key=False
    )
    told = [
        f"{p.rank} · {p.model} on {p.feature}: {p.mae:.2f} kcal/mol in {p.seconds:,.1f} CPU seconds"
        for p in figures_costs.on_front(points)
    ]
    text = paragraph(
        "Both scales are logarithmic: a step down is a smaller error, a step to the left a cheaper "
        "run. No entry is both cheaper and better than one on the line. As entries differ in the "
        "number of their folds, the seconds are those of one test fold with its share of the "
        "selection."
    )
    drawn = figure(image, "Numbers are ranks in the leaderboard.")
    listed = "<div><h3>Lowest for their cost, cheapest first</h3>" + notes(told) + "</div>"
    return section("cost", "Error against cost", text, columns([drawn, listed]))


def _cost_point(row: ReportRow) -> figures_costs.CostPoint:
    return figures_costs.CostPoint(
        rank=row.rank,
        model=row.model,
        feature=row.feature,
        family=family_of(row.made_by["module"]),
        track=in_words(row.record["extra_data"]),
        seconds=row.record["cpu_seconds"] / len(row.folds),
        mae=row.record["mae"],
    )


def parity(data: ReportData, gallery: Gallery) -> str:
    """Section: predicted against true energies."""
    text = paragraph(
        "Above: predictions on the line are right. Below: the same errors magnified, so that "
        "trends and outliers show. Every molecule is predicted by a model that has not seen it.",
        FEATURED,
    )
    panels = [
        figure(
            figures_errors.parity(gallery, row, data.dataset.energies),
            f"{row.rank} · {row.feature}, MAE {row.record['mae']:.2f} kcal/mol",
            row.model,
        )
        for row in data.featured
    ]
    return section("parity", "Predicted and true energies", text, columns(panels, "three"))


def distributions(data: ReportData, gallery: Gallery) -> str:
    """Section: how errors are distributed."""
    best = data.rows[0]
    size = np.abs(best.errors[np.isfinite(best.errors)])
    text = paragraph(
        f"The best row is within 1 kcal/mol for {100 * np.mean(size < 1):.0f} % of the molecules, "
        f"and off by more than {np.quantile(size, 0.95):.1f} kcal/mol for one in twenty."
    )
    panels = [
        figure(
            figures_errors.cumulative(gallery, data.featured),
            "The farther to the left a line rises, the more molecules are predicted well; the "
            f"dotted line is chemical accuracy. {FEATURED}",
            "How many molecules are predicted how well",
        ),
        figure(
            figures_rows.quantiles(gallery, data.rows),
            "Thin line: nine of ten molecules; thick: the middle half; stroke: median; diamond: "
            "mean. A diamond far right of its stroke means that a few molecules are far off.",
            "Absolute errors of every row",
        ),
    ]
    return section("distribution", "Distribution of errors", text, columns(panels))


def by_group(data: ReportData, gallery: Gallery) -> str:
    """Section: errors by size, composition and functional group."""
    best = data.rows[0]
    sizes, kinds = groups_by_size(data.dataset), groups_by_composition(data.dataset)
    rated = [(mean_absolute(best.errors, g), g) for g in kinds]
    groups = groups_by_function(data.dataset)
    groups.sort(key=lambda group: -np.nan_to_num(mean_absolute(best.errors, group)))
    known = [pair for pair in rated if np.isfinite(pair[0])]
    worst, hardest = max(known, key=lambda pair: pair[0])
    least, easiest = min(known, key=lambda pair: pair[0])
    text = paragraph(
        f"For the best row, by the elements besides hydrogen, {easiest.label} is easiest, with "
        f"{least:.2f} kcal/mol, and {hardest.label} hardest, with {worst:.2f}. Groups are "
        "perceived from the geometry: bonds where two atoms are nearer than 1.25 times the sum of "
        "their covalent radii, kinds of atoms by their number of neighbours; a molecule counts in "
        "every group that it holds, and its error need not come from that group.",
        FEATURED,
    )
    by_function = figure(
        figures_errors.by_functional_group(gallery, data.featured, groups),
        "Mean absolute error of the molecules that hold the group, with their number; the group "
        "that is hardest for the best row is on top.",
        "By functional group",
    )
    by_size = figure(
        figures_errors.by_size(gallery, data.featured, sizes),
        "Mean absolute error by number of atoms; rare sizes are joined with their neighbours.",
        "By size",
    )
    by_composition = figure(
        figures_errors.by_composition(gallery, data.featured, kinds),
        "Mean absolute error by the elements besides hydrogen, with the number of molecules.",
        "By composition",
    )
    panels = [f"<div>{by_size}{by_composition}</div>", by_function]
    return section(
        "groups", "Errors by size, composition and functional group", text, columns(panels)
    )


def training(data: ReportData, gallery: Gallery) -> str:
    """Section: training epoch by epoch, or nothing where no row has epochs."""
    rows = [row for row in data.rows if row.histories]
    if not rows:
        return ""
    text = paragraph(
        "Mean over folds, with each fold thinner behind it. The error on test molecules is only "
        "recorded for these plots; no schedule and no stopping rule looks at it. The training loss "
        "is in the unit that it was minimised in, so that only its course compares with the errors."
    )
    panels = [
        figure(figures_costs.training_curves(gallery, row), _epochs(row), row.model) for row in rows
    ]
    return section("training", "Training, epoch by epoch", text, columns(panels, "three"))


def _epochs(row: ReportRow) -> str:
    last = [int(np.max(history["epoch"])) for history in row.histories.values()]
    span = str(last[0]) if len(set(last)) == 1 else f"{min(last)} to {max(last)}"
    return f"{row.rank} · {row.feature}, {span} epochs, MAE {row.record['mae']:.2f} kcal/mol"
