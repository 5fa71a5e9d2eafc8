"""Section on prediction intervals: whether they cover what they promise, and for whom."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qm7bench.report.data import ReportData, ReportEntry
from qm7bench.report.error_groups import Groups, groups_by_composition, groups_by_size
from qm7bench.report.figures import calibration as figures_calibration
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import Panel, Section

LEVEL = 0.9
MOST_SHOWN = 3


def calibration(data: ReportData, gallery: Gallery) -> Section | None:
    """Section, or nothing where no entry has intervals: one fold only, or too few molecules."""
    folds = data.dataset.folds
    entries = [entry for entry in data.featured if _has_intervals(entry, folds)]
    if not entries:
        return None
    panels = [
        Panel(
            figures_calibration.coverage(gallery, entries, folds),
            "On the line at zero, intervals cover as many molecules as they promise; below it they "
            "are too narrow.",
            "Coverage of the intervals",
        )
    ]
    certain = [entry for entry in data.entries if entry.uncertainties is not None][:MOST_SHOWN]
    if certain:
        panels.append(
            Panel(
                figures_calibration.error_against_uncertainty(gallery, certain),
                "Each mark is a tenth of the molecules, by the model's own uncertainty. A useful "
                "uncertainty rises with the error; its scale is set by the calibration.",
                "Errors against uncertainty",
            )
        )
    values = {"panels": panels, "entry": entries[0].label, **_by_kind(entries[0], data)}
    return Section("calibration", "How far to trust the intervals", values)


def _has_intervals(entry: ReportEntry, folds: NDArray[np.int64]) -> bool:
    """Whether every molecule that the entry predicts has an interval."""
    return bool(np.isfinite(entry.half_widths(folds, LEVEL)).sum() == len(entry.known))


def _by_kind(entry: ReportEntry, data: ReportData) -> dict[str, object]:
    """Coverage over all molecules, and the groups where it is smallest and largest."""
    half_widths = entry.half_widths(data.dataset.folds, LEVEL)
    covered = np.where(np.isfinite(half_widths), np.abs(entry.errors) <= half_widths, np.nan)
    return {
        "coverage": 100 * float(np.nanmean(covered)),
        "sizes": _ends(groups_by_size(data.dataset), covered),
        "compositions": _ends(groups_by_composition(data.dataset), covered),
    }


def _ends(groups: Groups, covered: NDArray[np.float64]) -> list[tuple[float, str]]:
    """Smallest and largest coverage (%) of the groups, with the group's name."""
    means = groups.means(pd.DataFrame({"covered": covered}))["covered"].dropna().sort_values()
    return [(100 * float(means.iloc[end]), str(means.index[end])) for end in (0, -1)]
