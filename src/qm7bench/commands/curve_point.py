r"""Fit a model to a part of a fold's training molecules: one point of a learning curve.

The part is drawn at random, stratified by energy, and does not depend on feature and model; smaller
ones of the same draw are contained in larger ones. Where the model has a grid, its point is chosen
within the part. A point as large as the training set is left out, and the file says so.

example:
  qm7bench curve_point --dataset results/qm7/dataset/metadata.json --feature-name eigenspectrum \
      --feature results/qm7/features/eigenspectrum/metadata.json --model ridge --fold 0 \
      --settings '{"module": "ridge", "parameters": {}, "grid": {"alpha": [0.1, 1.0]}, "seed": 0}' \
      --size 100 --draw 0 --output size100.draw0.json
"""

from __future__ import annotations

import argparse
import logging

from qm7bench.commands import _model_options, _options
from qm7bench.commands._fit_inputs import read_fit_inputs
from qm7bench.errors import UserError
from qm7bench.evaluation.metrics import in_words
from qm7bench.fitting.learning_curve_point import Point, fit_point

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _model_options.add_fit(parser)
    parser.add_argument("--size", type=int, required=True, help="number of training molecules")
    parser.add_argument("--draw", type=int, required=True, help="number of the random draw")
    parser.add_argument(
        "--network-training",
        choices=["equal_steps", "equal_epochs"],
        default="equal_steps",
        help="whether networks take as many steps, or epochs, as on all training molecules",
    )
    _options.add_output(parser, "JSON file to write")


def run(options: argparse.Namespace) -> None:
    """Draw, choose, fit, test, write."""
    if options.size < 1:
        raise UserError(f"--size is {options.size}; give a number of molecules > 0")
    inputs = read_fit_inputs(options)
    equal_steps = options.network_training == "equal_steps"
    point = Point(options.fold, options.size, options.draw, equal_steps)
    metrics = fit_point(inputs, point, options.output)
    if metrics["left_out"]:
        told = f"left out, as the training folds have {metrics['all_training_molecules']}"
    else:
        told = f"{in_words(metrics)}, {metrics['cpu_seconds']:.1f} CPU s"
    logger.info(
        "%s %s fold %d, %d molecules, draw %d: %s",
        *(inputs.entry.feature, inputs.entry.model, point.fold, point.size, point.draw, told),
    )
