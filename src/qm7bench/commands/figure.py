"""Draw the published entries' error against their cost, as one SVG file for README and docs.

It needs neither the data set nor a run.

example:
  qm7bench figure --published results/published/qm7 --output docs/error_against_cost.svg
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.report.figures.costs import error_against_cost, published_cost_points
from qm7bench.report.figures.gallery import Gallery

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
    gallery = Gallery()
    error_against_cost(gallery, published_cost_points(options.published), NAME, INCHES, key=True)
    gallery.write_one(NAME, options.output)
