"""Load a data set, check it in every way, and write it as an artefact.

qm7 is taken from the file that QM7_MAT names, from data/qm7.mat, or from its public addresses.

example:
  qm7bench dataset qm7 --output results/qm7/dataset/metadata.json
"""

from __future__ import annotations

import argparse
import logging

from qm7bench.commands import _options
from qm7bench.datasets.auto import load_dataset
from qm7bench.datasets.dataset import constant_energies
from qm7bench.datasets.duplicates import duplicates_of
from qm7bench.datasets.sampling import sampled
from qm7bench.datasets.storage import write_dataset

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "name",
        help="qm7, qm9small, qm9large, qm9, qm7_by_size, qm9_by_size or the name of a user's own "
        "data set",
    )
    parser.add_argument(
        "--settings", type=_options.json_object, default={}, help="its settings as JSON"
    )
    parser.add_argument(
        "--molecules",
        type=int,
        default=0,
        help="take about N, spread over folds, elements and energies; 0 for all",
    )
    _options.add_output(parser)


def run(options: argparse.Namespace) -> None:
    """Load and write."""
    dataset, made_from = load_dataset(options.name, options.settings)
    if options.molecules:
        dataset = sampled(dataset, options.molecules)
        made_from = {**made_from, "sampled": options.molecules}
    duplicates = duplicates_of(dataset)
    warning = duplicates.warning(dataset)
    if warning:
        logger.warning("warning: %s", warning)
    if alike := constant_energies(dataset):
        logger.warning("warning: %s", alike)
    write_dataset(options.output, dataset, made_from, duplicates.metadata(dataset))
    logger.info("%s: %d molecules", dataset.name, len(dataset))
