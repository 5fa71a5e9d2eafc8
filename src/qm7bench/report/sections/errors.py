"""Sections on single errors: parity, distribution, by size, composition and functional group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qm7bench.report.data import ReportData
from qm7bench.report.error_groups import (
    Groups,
    groups_by_composition,
    groups_by_function,
    groups_by_size,
)
from qm7bench.report.figures import entries as figures_entries
from qm7bench.report.figures import errors as figures_errors
from qm7bench.report.figures.costs import CHEMICAL_ACCURACY
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import Panel, Section

FEATURED = "Shown is the best entry of each kind of model, at most six."


def parity(data: ReportData, gallery: Gallery) -> Section:
    """Section: predicted against reference energies."""
    panels = [
        Panel(
            figures_errors.parity(gallery, entry, data.dataset.energies),
            f"{entry.number} · {entry.feature}, MAE {entry.record['mae']:.2f} kcal/mol",
            entry.model,
        )
        for entry in data.featured
    ]
    values = {"panels": panels, "featured": FEATURED}
    return Section("parity", "Predicted and reference energies", values)


def distributions(data: ReportData, gallery: Gallery) -> Section:
    """Section: how errors are distributed."""
    size = np.abs(data.best.known)
    panels = [
        Panel(
            figures_errors.cumulative(gallery, data.featured),
            "The farther to the left a line rises, the more molecules are predicted well; the "
            f"dotted line is chemical accuracy. {FEATURED}",
            "How many molecules are predicted how well",
        ),
        Panel(
            figures_entries.quantiles(gallery, data.entries),
            "Thin line: nine of ten molecules; thick: the middle half; stroke: median; diamond: "
            "mean. A diamond far right of its stroke means that a few molecules are far off.",
            "Absolute errors of every entry",
        ),
    ]
    values = {
        "panels": panels,
        "best": data.best,
        "within": 100 * float(np.mean(size < CHEMICAL_ACCURACY)),
        "one_in_twenty": float(np.quantile(size, 0.95)),
    }
    return Section("distribution", "Distribution of errors", values)


def by_group(data: ReportData, gallery: Gallery) -> Section:
    """Section: errors by size, composition and functional group."""
    entries, best = data.featured, data.entries[0].number
    errors = data.absolute_errors(entries)
    sizes, kinds = groups_by_size(data.dataset), groups_by_composition(data.dataset)
    functions = groups_by_function(data.dataset)
    by_kind, by_function = kinds.means(errors), functions.means(errors)
    by_function = by_function.sort_values(best, ascending=False, kind="stable")
    known = by_kind[best].dropna()
    values = {
        "featured": FEATURED,
        "best": data.entries[0],
        "easiest": (str(known.idxmin()), float(known.min())),
        "hardest": (str(known.idxmax()), float(known.max())),
        "by_size": Panel(
            figures_errors.by_size(gallery, entries, _mean_sizes(sizes, data), sizes.means(errors)),
            "Mean absolute error by number of atoms; rare sizes are joined with their neighbours.",
            "By size",
        ),
        "by_composition": Panel(
            figures_errors.by_group(
                gallery, "error_by_composition", entries, (kinds.counts, by_kind)
            ),
            "Mean absolute error by the elements besides hydrogen, with the number of molecules.",
            "By composition",
        ),
        "by_function": Panel(
            figures_errors.by_group(
                gallery,
                "error_by_functional_group",
                entries,
                (functions.counts, by_function),
            ),
            "Mean absolute error of the molecules that have the group, with their number; the "
            "group that is hardest for the best entry is on top.",
            "By functional group",
        )
        if len(by_function)
        else None,
    }
    return Section("groups", "Errors by size, composition and functional group", values)


def _mean_sizes(groups: Groups, data: ReportData) -> pd.Series:
    return groups.means(pd.DataFrame({"atoms": data.dataset.sizes}))["atoms"]
