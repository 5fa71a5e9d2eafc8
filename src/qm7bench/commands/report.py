r"""Make the report: one page to read, its figures as SVG files, and a page to explore molecules.

example:
  qm7bench report --dataset results/qm7/dataset/metadata.json --models results/qm7/models \
      --leaderboard results/qm7/summary.parquet --output results/qm7/report.html \
      --explorer results/qm7/explore.html --figures results/qm7/figures

With --published instead of --models and --leaderboard, the entries are the published ones, and
nothing needs to have been trained.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from qm7bench.commands import _options
from qm7bench.errors import UserError

if TYPE_CHECKING:
    from qm7bench.report.data import ReportData

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _options.add_dataset(parser)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--models", type=Path, help="folder of all fits")
    source.add_argument("--published", type=Path, help="a data set's published entries")
    parser.add_argument("--leaderboard", type=Path, help="summary.parquet or .csv of --models")
    parser.add_argument("--curves", type=Path, help="table of learning curves, Parquet")
    parser.add_argument(
        "--beyond", type=Path, nargs="*", default=[], help="tables of tests beyond the random fold"
    )
    _options.add_output(parser, "the report, HTML")
    parser.add_argument("--explorer", type=Path, required=True, help="molecules in 3-D, HTML")
    parser.add_argument("--figures", type=Path, required=True, help="folder for the SVG files")


def run(options: argparse.Namespace) -> None:
    """Read, draw, write."""
    from qm7bench.report.report import write_report

    data = _read(options)
    write_report(data, options.output, options.explorer, options.figures)
    for path in (options.output, options.explorer):
        logger.info("%s: %.1f MB", path, path.stat().st_size / 1e6)


def _read(options: argparse.Namespace) -> ReportData:
    from qm7bench.report.reading import read_published_report_data, read_report_data

    if options.published is None:
        if not options.leaderboard:
            raise UserError("--models needs --leaderboard, the table that `summarize` made of them")
        return read_report_data(
            options.dataset, options.leaderboard, options.models, options.curves, options.beyond
        )
    if options.leaderboard or options.curves or options.beyond:
        raise UserError(
            "--published takes all that is published; leave out --leaderboard, --curves and "
            "--beyond"
        )
    return read_published_report_data(options.dataset, options.published)
