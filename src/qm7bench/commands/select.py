r"""Cross-validate every grid point of a model on inner folds, and on the test folds.

example:
  qm7bench select --dataset results/qm7/dataset/metadata.json \
      --feature results/qm7/features/eigenspectrum/metadata.json --folds 0 1 2 3 4 \
      --settings '{"module": "ridge", "parameters": {}, "grid": {"alpha": [0.1, 1.0]}}' \
      --output selection.parquet --inner inner.parquet --cost selection.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.artefacts.artefact import read_json, sha256_of, write_json
from qm7bench.artefacts.parquet import write_records, write_table
from qm7bench.commands import _model_options, _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.evaluation.inner_predictions import chosen_inner_predictions
from qm7bench.evaluation.selection import CrossValidation
from qm7bench.fitting.baseline import with_baseline
from qm7bench.fitting.job import cost_of_this_process
from qm7bench.layouts.loading import load_features
from qm7bench.registry.modules import load
from qm7bench.registry.parameters import grid_points


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _model_options.add_model(parser, "grid")
    _model_options.add_shared(parser)
    _options.add_folds(parser)
    _options.add_output(parser, "Parquet table to write")
    parser.add_argument("--inner", type=Path, required=True, help="predictions of chosen points")
    parser.add_argument("--cost", type=Path, required=True, help="JSON of CPU seconds and memory")


def run(options: argparse.Namespace) -> None:
    """Cross-validate and write."""
    dataset = with_baseline(read_dataset(options.dataset), options.baseline)
    _options.refuse_unknown_folds(options.folds, dataset.folds)
    features = load_features(options.feature, options.distances)
    settings = options.settings
    model_class = load("models", settings["module"])
    points = grid_points(settings["parameters"], settings["grid"])
    grid = CrossValidation(
        model_class, points, features, dataset.targets, dataset.folds, dataset.charges
    )
    predictions = grid.nested_predictions(options.folds)
    records = grid.records(predictions, options.folds)
    write_records(options.output, records)
    restored = {training: dataset.restored(own) for training, own in predictions.items()}
    inner = chosen_inner_predictions(records, restored, dataset.ids, dataset.folds)
    write_table(options.inner, inner)
    checksums = {
        "table_sha256": sha256_of(options.output),
        "inner_sha256": sha256_of(options.inner),
    }
    write_json(options.cost, {**checksums, **_cost(options.distances)})


def _cost(shared: list[Path]) -> dict[str, float]:
    """Cost of this process, and of the kernel matrices that were computed for it before."""
    costs = [cost_of_this_process()]
    costs += [read_json(p) for p in (path.with_name("cost.json") for path in shared) if p.is_file()]
    return {
        "cpu_seconds": sum(cost["cpu_seconds"] for cost in costs),
        "peak_memory_mb": max(cost["peak_memory_mb"] for cost in costs),
    }
