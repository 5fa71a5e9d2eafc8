"""The report: one self-contained page, its figures as files, and the explorer beside it."""

from __future__ import annotations

import os
import re
from html import escape
from pathlib import Path

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.report.data import ReportData
from qm7bench.report.explorer import explorer_page
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import page
from qm7bench.report.sections.ablations import odd_rows
from qm7bench.report.sections.calibration import calibration
from qm7bench.report.sections.errors import by_group, cost, distributions, parity, training
from qm7bench.report.sections.labels import labels
from qm7bench.report.sections.leaderboard import grid_choices, leaderboard, nested_against_best
from qm7bench.report.sections.learning_curves import learning_curves
from qm7bench.report.sections.molecules import failures
from qm7bench.report.sections.run import opening, what_was_run


def write_report(data: ReportData, output: Path, explorer: Path, figures: Path) -> None:
    """Write the report, its figures as SVG files, and the explorer.

    Parameters
    ----------
    output, explorer : Path
        The two HTML files; the report links to the explorer.
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
        what_was_run(data),
        leaderboard(data),
        nested_against_best(data, gallery),
        calibration(data, gallery),
        cost(data, gallery),
        learning_curves(data, gallery),
        parity(data, gallery),
        distributions(data, gallery),
        by_group(data, gallery),
        failures(data),
        labels(data),
        training(data, gallery),
        odd_rows(data),
        grid_choices(data),
    ]
    values = {
        "title": f"qm7bench: {escape(data.dataset.name)}",
        "opening": opening(data),
        "contents": _contents(sections),
        "sections": "\n".join(s for s in sections if s),
        "explore": escape(explorer),
    }
    return page("report.html", values)


def _contents(sections: list[str]) -> str:
    """Links to the sections, by their anchors and titles."""
    found = [re.search(r'<section id="(\w+)">\s*<h2>(.*?)</h2>', text) for text in sections]
    links = [f'<a href="#{m[1]}">{m[2]}</a>' for m in found if m]
    return "\n".join([*links, '<a href="<!--explore-->">Explore in 3-D</a>'])
