"""Draw what is published as one SVG file for README and docs.

`cost` is the entries' error against their cost, `curves` their learning curves beside those that
others published, `growth` what a fit costs as molecules grow. None needs the data set or a run.

example:
  qm7bench figure cost --published results/published/qm7 --output docs/error_against_cost.svg
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from qm7bench.artefacts.results_tree import PublishedFiles
from qm7bench.errors import UserError

if TYPE_CHECKING:
    from qm7bench.leaderboard.learning_curves import Record
    from qm7bench.report.figures.gallery import Gallery

NAME = "error_against_cost"
INCHES = (8.0, 4.8)
"""Width and height; 8 inches are 800 pixels at about the size of the text around."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("kind", choices=DRAWN, help="which figure")
    parser.add_argument(
        "--published", type=Path, required=True, help="folder results/published/{dataset}"
    )
    parser.add_argument("--output", type=Path, required=True, help="the figure, SVG")


def run(options: argparse.Namespace) -> None:
    """Read, draw, write."""
    from qm7bench.report.figures.gallery import Gallery

    gallery = Gallery()
    drawn = DRAWN[options.kind](gallery, options.published)
    gallery.write_one(drawn, options.output)


def _cost(gallery: Gallery, published: Path) -> str:
    from qm7bench.leaderboard.files import read_leaderboard
    from qm7bench.report.figures.costs import cost_points, error_against_cost

    leaderboard = read_leaderboard(PublishedFiles(published).summary)
    error_against_cost(gallery, cost_points(leaderboard), NAME, INCHES, key=True)
    return NAME


def _curves(gallery: Gallery, published: Path) -> str:
    from qm7bench.leaderboard.reference_values import other_curves, other_methods
    from qm7bench.report.figures.learning_curves import NAME as CURVES
    from qm7bench.report.figures.learning_curves import learning_curves

    curves = _published_curves(published)
    name = curves[0][0]["dataset"]
    others = (other_curves(name), other_methods(name))
    learning_curves(gallery, curves, *others, width=INCHES[0])
    return CURVES


def _growth(gallery: Gallery, published: Path) -> str:
    from qm7bench.report.figures.growth import NAME as GROWTH
    from qm7bench.report.figures.growth import cost_growth

    cost_growth(gallery, _published_curves(published), width=INCHES[0])
    return GROWTH


def _published_curves(published: Path) -> list[list[Record]]:
    from qm7bench.leaderboard.learning_curves import by_entry
    from qm7bench.leaderboard.publishing import read_published_curves

    curves = read_published_curves(published)
    if not curves:
        raise UserError(f"{published}: has no learning curves; publish some first")
    return by_entry(curves)


DRAWN = {"cost": _cost, "curves": _curves, "growth": _growth}
"""What draws each figure."""
