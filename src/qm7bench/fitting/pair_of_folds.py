"""One model without two folds: its predictions for either serve an ensemble tested on the other."""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict
from typing import Any

import numpy as np

from qm7bench.artefacts.artefact import sha256_of, write_json
from qm7bench.artefacts.parquet import write_table
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.evaluation.inner_predictions import inner_table, joined
from qm7bench.evaluation.metrics import mean_absolute_error, root_mean_squared_error
from qm7bench.fitting.job import Row, cost_of_this_process, seconds_before, workspace


def fit_without_pair(
    row: Row,
    parameters: dict[str, Any],
    dataset: Dataset,
    features: Any,
    pair: tuple[int, int],
    files: FitFiles,
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Fit without both folds, write `inner.parquet` and metrics, and return the metrics.

    Arguments are those of `fitting.fit_fold`. The fitted model is not kept, as nothing reads it.
    """
    first, second = sorted(pair)
    left_out = np.isin(dataset.folds, pair)
    outside, training = np.flatnonzero(left_out), np.flatnonzero(~left_out)
    model = row.build(parameters, f"without {first} {second}")
    if hasattr(model, "workspace"):
        model.workspace = workspace(files, [asdict(row), parameters, provenance, first, second])
    started = time.process_time()
    model.fit(features[training], dataset.targets[training])
    earlier = seconds_before(getattr(model, "history", []), time.process_time() - started)
    predictions = dataset.restored(model.predict(features[outside]), outside)
    folds, ids = dataset.folds[outside], dataset.ids[outside]
    tables = [
        inner_table(fold, inner, ids[folds == inner], predictions[folds == inner])
        for fold, inner in ((first, second), (second, first))
    ]
    write_table(files.inner, joined(tables))
    metrics = {
        "left_out": [first, second],
        "inner_sha256": sha256_of(files.inner),
        "training_molecules": len(training),
        "mae": mean_absolute_error(dataset.energies[outside], predictions),
        "rmse": root_mean_squared_error(dataset.energies[outside], predictions),
        "parameters": parameters,
        **cost_of_this_process(earlier),
    }
    write_json(files.metrics, metrics)
    shutil.rmtree(files.checkpoints, ignore_errors=True)
    return metrics
