r"""Fit one model on the training folds and predict one test fold.

Where the model has a grid, its point is chosen by the inner errors in the selection table. With
--inner-fold, a second fold is left out and only the predictions of both are kept: an ensemble
tested on either gets its weights from those of the other.

example:
  qm7bench fit --dataset results/qm7/dataset/metadata.json --feature-name eigenspectrum \
      --feature results/qm7/features/eigenspectrum/metadata.json --model ridge --fold 0 \
      --settings '{"module": "ridge", "parameters": {"alpha": 1.0}, "grid": {}, "seed": 0}' \
      --output fold0
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from qm7bench.artefacts.parquet import read_records
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.commands import _model_options, _options
from qm7bench.commands._fit_inputs import read_fit_inputs
from qm7bench.errors import UserError
from qm7bench.evaluation.inner_predictions import inner_errors_for
from qm7bench.evaluation.metrics import in_words
from qm7bench.evaluation.selection import chosen_parameters
from qm7bench.fitting.fold import fit_fold
from qm7bench.fitting.pair_of_folds import fit_without_pair

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _model_options.add_fit(parser)
    parser.add_argument("--selection", type=Path, help="table of grid points, if there is a grid")
    parser.add_argument("--inner-fold", type=int, help="leave this out too; keep predictions only")
    _options.add_output(parser, "folder to write into")


def run(options: argparse.Namespace) -> None:
    """Choose, fit, predict, write."""
    _refuse_contradictions(options)
    inputs = read_fit_inputs(options)
    parameters, inner_errors = options.settings["parameters"], None
    if options.selection is not None:
        parameters = chosen_parameters(read_records(options.selection), options.fold)
        inner_errors = inner_errors_for(options.selection, options.fold, inputs.dataset)
    files, fold, inner_fold = FitFiles(options.output), options.fold, options.inner_fold
    if inner_fold is None:
        metrics = fit_fold(inputs, parameters, fold, files, inner_errors)
        what = f"fold {fold}"
    else:
        _options.refuse_unknown_folds([inner_fold], inputs.dataset.folds)
        metrics = fit_without_pair(inputs, parameters, (fold, inner_fold), files)
        what = f"without folds {fold} and {inner_fold}"
    logger.info(
        "%s %s %s: %s, %.1f CPU s",
        *(inputs.entry.feature, inputs.entry.model, what),
        *(in_words(metrics), metrics["cpu_seconds"]),
    )


def _refuse_contradictions(options: argparse.Namespace) -> None:
    if options.inner_fold is None:
        return
    if options.inner_fold == options.fold:
        raise UserError(f"--inner-fold {options.fold} is the test fold; give another one")
    if options.settings.get("training_molecules"):
        raise UserError(
            "--inner-fold is for models that learn from all molecules; leave out training_molecules"
        )
    if options.settings.get("grid"):
        raise UserError(
            "--inner-fold is for models without a grid; where there is one, `qm7bench select` "
            "writes the inner predictions"
        )
