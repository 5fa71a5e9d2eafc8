r"""Fit one model on the training folds and predict one test fold.

Where the model has a grid, its point is chosen by the inner errors in the selection table. With
--inner-fold, a second fold is left out and only the predictions of both are kept: an ensemble
tested on either learns its weights from those of the other.

example:
  qm7bench fit --dataset results/qm7/dataset/metadata.json --feature-name eigenspectrum \
      --feature results/qm7/features/eigenspectrum/metadata.json --model ridge --fold 0 \
      --settings '{"module": "ridge", "parameters": {"alpha": 1.0}, "grid": {}, "seed": 0}' \
      --output fold0
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from qm7bench.artefacts.parquet import read_records
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import UserError
from qm7bench.evaluation.inner_predictions import inner_errors_for
from qm7bench.evaluation.selection import chosen_parameters
from qm7bench.fitting.baseline import baseline_facts, with_baseline
from qm7bench.fitting.fold import fit_fold
from qm7bench.fitting.initial_weights import pretraining_facts
from qm7bench.fitting.job import Row, provenance_of
from qm7bench.fitting.pair_of_folds import fit_without_pair
from qm7bench.layouts.loading import load_features


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--dataset", type=Path, required=True, help="its metadata.json")
    parser.add_argument("--feature", type=Path, required=True, help="its metadata.json")
    parser.add_argument("--feature-name", required=True)
    parser.add_argument("--distances", type=Path, nargs="*", default=[], help="shared matrices")
    parser.add_argument("--model", required=True, help="name of the model's entry")
    parser.add_argument("--settings", type=json.loads, required=True, help="the model, as JSON")
    parser.add_argument("--selection", type=Path, help="table of grid points, if there is a grid")
    parser.add_argument("--pretrained", type=Path, help="model.json to begin with the weights of")
    parser.add_argument("--baseline", type=Path, help="metadata.json of energies to correct")
    parser.add_argument("--fold", type=int, required=True, help="test fold")
    parser.add_argument("--inner-fold", type=int, help="leave this out too; keep predictions only")
    parser.add_argument("--output", type=Path, required=True, help="folder to write into")


def run(options: argparse.Namespace) -> None:
    """Choose, fit, predict, write."""
    _refuse_contradictions(options)
    dataset = with_baseline(read_dataset(options.dataset), options.baseline)
    settings = options.settings
    parameters, inner_errors = settings["parameters"], None
    if options.selection is not None:
        parameters = chosen_parameters(read_records(options.selection), options.fold)
        inner_errors = inner_errors_for(options.selection, options.fold, dataset)
    row = Row.of(dataset, options.feature_name, options.model, settings)
    made_from = {
        **provenance_of(options.dataset, dataset, options.feature),
        **baseline_facts(options.baseline),
        "budget": row.budget,
    }
    if options.pretrained:
        row = replace(row, pretrained=str(options.pretrained))
        made_from["pretraining"] = pretraining_facts(options.pretrained, dataset)
    features = load_features(options.feature, options.distances)
    files, fold, inner_fold = FitFiles(options.output), options.fold, options.inner_fold
    if inner_fold is None:
        metrics = fit_fold(row, parameters, dataset, features, fold, files, made_from, inner_errors)
        what = f"fold {fold}"
    else:
        pair = (fold, inner_fold)
        metrics = fit_without_pair(row, parameters, dataset, features, pair, files, made_from)
        what = f"without folds {fold} and {inner_fold}"
    print(
        f"{row.feature} {row.model} {what}: MAE {metrics['mae']:.4f} kcal/mol, "
        f"RMSE {metrics['rmse']:.4f}, {metrics['cpu_seconds']:.1f} CPU s",
        file=sys.stderr,
    )


def _refuse_contradictions(options: argparse.Namespace) -> None:
    if options.inner_fold is None:
        return
    if options.inner_fold == options.fold:
        raise UserError(f"--inner-fold {options.fold} is the test fold; give another one")
    if options.settings["grid"]:
        raise UserError(
            "--inner-fold is for models without a grid; where there is one, `qm7bench select` "
            "writes the inner predictions"
        )
