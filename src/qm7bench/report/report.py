"""The report: one self-contained page, its figures as files, and the explorer beside it."""

from __future__ import annotations

import os
from pathlib import Path

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.report.data import ReportData
from qm7bench.report.explorer import explorer_page
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import page
from qm7bench.report.sections.beyond import beyond
from qm7bench.report.sections.calibration import calibration
from qm7bench.report.sections.errors import by_group, distributions, parity
from qm7bench.report.sections.hyperparameters import grid_choices, nested_against_best
from qm7bench.report.sections.labels import labels
from qm7bench.report.sections.leaderboard import leaderboard
from qm7bench.report.sections.learning_curves import learning_curves
from qm7bench.report.sections.molecules import failures
from qm7bench.report.sections.overview import opening, overview
from qm7bench.report.sections.provenance import provenance
from qm7bench.report.sections.replication import replication
from qm7bench.report.sections.training import training


def write_report(data: ReportData, output: Path, explorer: Path, figures: Path) -> None:
    """Write the report, its figures as SVG files, and the explorer.

    Parameters
    ----------
    output, explorer : Path
        The two HTML files, which link to each other.
    figures : Path
        Folder of the SVG files.
    """
    gallery = Gallery()
    text = report_page(data, gallery, os.path.relpath(explorer, output.parent))
    gallery.write(figures)
    link = os.path.relpath(output, explorer.parent)
    for path, content in ((explorer, explorer_page(data, link)), (output, text)):
        with atomic_path(path) as temporary:
            temporary.write_text(content, encoding="utf-8")


def report_page(data: ReportData, gallery: Gallery, explorer: str) -> str:
    """HTML of the report; its figures are drawn into the gallery.

    Parameters
    ----------
    explorer : str
        Address of the explorer, relative to the report.
    """
    sections = [
        overview(data, gallery),
        leaderboard(data),
        nested_against_best(data, gallery),
        calibration(data, gallery),
        distributions(data, gallery),
        parity(data, gallery),
        by_group(data, gallery),
        learning_curves(data, gallery),
        beyond(data),
        failures(data),
        labels(data),
        training(data, gallery),
        replication(data),
        grid_choices(data),
        provenance(data),
    ]
    values = {
        "opening": opening(data),
        "sections": [section for section in sections if section is not None],
        "explorer": explorer,
    }
    return page("report.html", values)
