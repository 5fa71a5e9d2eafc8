"""Section on prediction intervals: whether they hold what they promise, and for whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.report.data import ReportData, ReportRow
from qm7bench.report.error_groups import Group, groups_by_composition, groups_by_size
from qm7bench.report.figures import calibration as figures_calibration
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import columns, figure, paragraph, section

LEVEL = 0.9


def calibration(data: ReportData, gallery: Gallery) -> str:
    """Section, or nothing where no row has two folds."""
    rows = [row for row in data.featured if len(row.folds) > 1]
    if not rows:
        return ""
    panels = [
        figure(
            figures_calibration.coverage(gallery, rows, data.dataset.folds),
            "On the line at zero, intervals hold as many molecules as they promise; below it they "
            "are too narrow.",
            "Coverage of the intervals",
        )
    ]
    certain = [row for row in data.rows if row.uncertainties is not None][:3]
    if certain:
        panels.append(
            figure(
                figures_calibration.error_against_uncertainty(gallery, certain),
                "Each mark is a tenth of the molecules, by the model's own uncertainty. A useful "
                "uncertainty rises with the error; its scale is set by the calibration.",
                "Errors against uncertainty",
            )
        )
    text = paragraph(
        "The interval of a molecule is its prediction plus and minus a quantile of the absolute "
        "errors on the other test folds, in units of the model's own uncertainty where it gives "
        "one. It then holds its level on average over molecules like these, whatever the model; "
        "not for every kind of molecule.",
        _by_kind(rows[0], data),
    )
    return section("calibration", "How far to trust the intervals", text, columns(panels))


def _by_kind(row: ReportRow, data: ReportData) -> str:
    folds = data.dataset.folds
    half_widths = row.half_widths(folds, LEVEL)
    inside = np.where(np.isfinite(row.errors), np.abs(row.errors) <= half_widths, np.nan)
    sizes = _ends(groups_by_size(data.dataset), inside)
    kinds = _ends(groups_by_composition(data.dataset), inside)
    return (
        f"The 90 % intervals of {row.label} hold {100 * np.nanmean(inside):.1f} % of all its "
        f"molecules: by size from {_told(sizes[0], ' atoms')} to {_told(sizes[1], ' atoms')}, by "
        f"composition from {_told(kinds[0])} to {_told(kinds[1])}."
    )


def _ends(groups: list[Group], inside: NDArray[np.float64]) -> list[tuple[float, str]]:
    """Smallest and largest share of the groups, with the group's name."""
    tested = [g for g in groups if np.isfinite(inside[g.members]).any()]
    shares = sorted((float(np.nanmean(inside[g.members])), g.label) for g in tested)
    return [shares[0], shares[-1]]


def _told(end: tuple[float, str], unit: str = "") -> str:
    return f"{100 * end[0]:.0f} % ({end[1]}{unit})"
