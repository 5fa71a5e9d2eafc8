"""Draw the published entries' error against their cost, as one SVG file for README and docs.

It needs neither the data set nor a run.

example:
  qm7bench figure --published results/published/qm7 --output docs/error_against_cost.svg
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.artefacts.results_tree import PublishedFiles

NAME = "error_against_cost"
INCHES = (8.0, 4.8)
"""Width and height; 8 inches are 800 pixels at about the size of the text around."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--published", type=Path, required=True, help="folder results/published/{dataset}"
    )
    parser.add_argument("--output", type=Path, required=True, help="the figure, SVG")


def run(options: argparse.Namespace) -> None:
    """Read, draw, write."""
    from qm7bench.leaderboard.files import read_leaderboard
    from qm7bench.report.figures.costs import cost_points, error_against_cost
    from qm7bench.report.figures.gallery import Gallery

    leaderboard = read_leaderboard(PublishedFiles(options.published).summary)
    gallery = Gallery()
    error_against_cost(gallery, cost_points(leaderboard), NAME, INCHES, key=True)
    gallery.write_one(NAME, options.output)
