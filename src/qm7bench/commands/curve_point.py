r"""Fit a model to a part of a fold's training molecules: one point of a learning curve.

The part is drawn at random, stratified by energy, and does not depend on feature and model; smaller
ones of the same draw are contained in larger ones. Where the model has a grid, its point is chosen
inside the part. A point as large as the training set is left out, and the file says so.

example:
  qm7bench curve_point --dataset results/qm7/dataset/metadata.json --feature-name eigenspectrum \
      --feature results/qm7/features/eigenspectrum/metadata.json --model ridge --fold 0 \
      --settings '{"module": "ridge", "parameters": {}, "grid": {"alpha": [0.1, 1.0]}, "seed": 0}' \
      --size 100 --draw 0 --output size100.draw0.json
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import UserError
from qm7bench.fitting.baseline import baseline_facts, with_baseline
from qm7bench.fitting.initial_weights import pretraining_facts
from qm7bench.fitting.job import Row, provenance_of
from qm7bench.fitting.learning_curve_point import Point, fit_point
from qm7bench.layouts.loading import load_features


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--dataset", type=Path, required=True, help="its metadata.json")
    parser.add_argument("--feature", type=Path, required=True, help="its metadata.json")
    parser.add_argument("--feature-name", required=True)
    parser.add_argument("--distances", type=Path, nargs="*", default=[], help="shared matrices")
    parser.add_argument("--model", required=True, help="name of the model's entry")
    parser.add_argument("--settings", type=json.loads, required=True, help="the model, as JSON")
    parser.add_argument("--pretrained", type=Path, help="model.json to begin with the weights of")
    parser.add_argument("--baseline", type=Path, help="metadata.json of energies to correct")
    parser.add_argument("--fold", type=int, required=True, help="test fold")
    parser.add_argument("--size", type=int, required=True, help="number of training molecules")
    parser.add_argument("--draw", type=int, required=True, help="number of the random draw")
    parser.add_argument(
        "--network-training",
        choices=["equal_steps", "equal_epochs"],
        default="equal_steps",
        help="whether networks take as many steps, or epochs, as on all training molecules",
    )
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")


def run(options: argparse.Namespace) -> None:
    """Draw, choose, fit, test, write."""
    if options.size < 1:
        raise UserError(f"--size is {options.size}; give a number of molecules > 0")
    dataset = with_baseline(read_dataset(options.dataset), options.baseline)
    settings = options.settings
    row = Row.of(dataset, options.feature_name, options.model, settings)
    made_from = {
        **provenance_of(options.dataset, dataset, options.feature),
        **baseline_facts(options.baseline),
    }
    if options.pretrained:
        row = replace(row, pretrained=str(options.pretrained))
        made_from["pretraining"] = pretraining_facts(options.pretrained, dataset)
    equal_steps = options.network_training == "equal_steps"
    point = Point(options.fold, options.size, options.draw, equal_steps)
    features = load_features(options.feature, options.distances)
    metrics = fit_point(row, point, dataset, features, options.output, made_from)
    name = f"{row.feature} {row.model} fold {point.fold}, {point.size} molecules, draw {point.draw}"
    if metrics["left_out"]:
        told = f"left out, as the training folds hold {metrics['all_training_molecules']}"
    else:
        told = f"MAE {metrics['mae']:.4f} kcal/mol, {metrics['cpu_seconds']:.1f} CPU s"
    print(f"{name}: {told}", file=sys.stderr)
