"""One model without two folds: its predictions for either serve an ensemble tested on the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from qm7bench.artefacts.artefact import sha256_of
from qm7bench.artefacts.parquet import write_table
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.evaluation.inner_predictions import inner_table, joined
from qm7bench.fitting.job import FitInputs
from qm7bench.fitting.training_run import TrainingRun, finish


def fit_without_pair(
    inputs: FitInputs, parameters: dict[str, Any], pair: tuple[int, int], files: FitFiles
) -> dict[str, Any]:
    """Fit without both folds, write `inner.parquet` and metrics, and return the metrics.

    Arguments are those of `fitting.fit_fold`. The fitted model is not kept, as nothing reads it.
    """
    first, second = sorted(pair)
    dataset, left_out = inputs.dataset, np.isin(inputs.dataset.folds, pair)
    outside, training = np.flatnonzero(left_out), np.flatnonzero(~left_out)
    identity = [parameters, inputs.provenance, first, second]
    part = f"without {first} {second}"
    trained = TrainingRun(inputs, parameters, part, training, files, identity).train()
    found = trained.predict(outside)
    folds, ids = dataset.folds[outside], dataset.ids[outside]
    tables = [
        inner_table(fold, inner, ids[folds == inner], found.predictions[folds == inner])
        for fold, inner in ((first, second), (second, first))
    ]
    write_table(files.inner, joined(tables))
    metrics = {
        "left_out": [first, second],
        "inner_sha256": sha256_of(files.inner),
        "training_molecules": len(training),
        **found.errors(),
        "parameters": parameters,
        **trained.costs(),
    }
    finish(files, metrics)
    return metrics
