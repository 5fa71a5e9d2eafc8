r"""Combine fitted entries into an ensemble on one test fold.

Learned weights are those of the smallest mean absolute error of the members' inner predictions, for
molecules of the folds given; equal weights need none.

example:
  qm7bench combine --dataset results/qm7/dataset/metadata.json --models results/qm7/models \
      --name kernels --members bag_of_bonds/kernel_ridge_laplacian fchl19/local_kernel_ridge \
      --weights learned --inner-folds 1 2 3 4 --fold 0 --folds 0 1 2 3 4 \
      --output results/qm7/models/ensemble/kernels/fold0
"""

from __future__ import annotations

import argparse
import logging

from qm7bench.artefacts.artefact import sha256_of
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.commands import _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.ensembles.fold import Ensemble, combine_fold
from qm7bench.ensembles.members import Member
from qm7bench.errors import UserError
from qm7bench.evaluation.metrics import in_words

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _options.add_dataset(parser)
    _options.add_models(parser)
    parser.add_argument("--name", required=True, help="name of the ensemble")
    parser.add_argument("--members", nargs="+", required=True, help="FEATURE/MODEL of each")
    parser.add_argument("--weights", choices=["learned", "equal"], default="learned")
    parser.add_argument("--inner-folds", type=int, nargs="*", default=[], help="to learn from")
    _options.add_test_fold(parser)
    _options.add_folds(parser, "all test folds: they share some costs")
    _options.add_output(parser, "folder to write into")


def run(options: argparse.Namespace) -> None:
    """Read, combine, write."""
    if (options.weights == "learned") != bool(options.inner_folds):
        raise UserError("--inner-folds: learned weights need at least one, equal weights take none")
    if options.fold in options.inner_folds:
        raise UserError(f"--inner-folds: {options.fold} is the test fold; leave it out")
    sha256 = sha256_of(options.dataset)
    members = [Member.read(options.models, r, options.fold, sha256) for r in options.members]
    inner_folds, folds = tuple(sorted(options.inner_folds)), tuple(options.folds)
    ensemble = Ensemble(options.name, options.weights, inner_folds, folds)
    dataset, files = read_dataset(options.dataset), FitFiles(options.output)
    metrics = combine_fold(ensemble, members, dataset, options.fold, files)
    weights = ", ".join(f"{entry} {weight:.3f}" for entry, weight in metrics["parameters"].items())
    logger.info(
        "ensemble %s fold %d: %s; weights %s",
        *(options.name, options.fold, in_words(metrics), weights),
    )
