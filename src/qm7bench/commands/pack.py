r"""Pack the published results of a data set for a wheel: one file that needs no PyArrow.

`qm7bench score` finds them there where there is no checkout of the repository.

example:
  qm7bench pack --published results/published/qm7 --output src/qm7bench/published/qm7
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from qm7bench.commands import _options
from qm7bench.leaderboard.published_predictions import pack

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--published", type=Path, required=True, help="folder results/published/{dataset}"
    )
    _options.add_output(parser, "folder to write, src/qm7bench/published/{dataset}")


def run(options: argparse.Namespace) -> None:
    """Read and write."""
    number = pack(options.published, options.output)
    size = sum(path.stat().st_size for path in options.output.iterdir())
    logger.info("%s: %d entries, %.1f MB", options.output, number, size / 1e6)
