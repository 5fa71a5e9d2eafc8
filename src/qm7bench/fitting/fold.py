"""One model on one fold: fit on the training folds, predict the test fold, keep everything."""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import (
    sha256_of,
    write_json,
)
from qm7bench.artefacts.parquet import write_records, write_table
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.evaluation.conformal import quality_from_inside
from qm7bench.evaluation.metrics import (
    largest_error,
    mean_absolute_error,
    root_mean_squared_error,
)
from qm7bench.fitting.job import (
    Row,
    cost_of_this_process,
    known_besides,
    prepare_training,
    seconds_before,
    workspace,
    write_model,
)


def fit_fold(
    row: Row,
    parameters: dict[str, Any],
    dataset: Dataset,
    features: Any,
    fold: int,
    files: FitFiles,
    provenance: dict[str, Any],
    inner_errors: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """Fit, predict and write all files of one fold; return the metrics.

    Parameters
    ----------
    parameters : dict
        The chosen hyper-parameters with the fixed ones.
    features : object with rows to select
        Of all molecules of the data set.
    provenance : dict
        Data set and feature with their checksums and parameters, for `model.json`.
    inner_errors : float64 array, optional
        Errors inside the training folds, where a selection made some; they calibrate an interval.
    """
    test = dataset.folds == fold
    energies, training = dataset.energies, np.flatnonzero(~test)
    model = row.build(parameters, fold)
    identity = [asdict(row), parameters, provenance, fold]
    prepare_training(model, features, dataset, np.flatnonzero(test), workspace(files, identity))
    started = time.process_time()
    model.fit(features[training], dataset.targets[training])
    fit_seconds = time.process_time() - started
    earlier_seconds = seconds_before(getattr(model, "history", []), fit_seconds)
    held_out = features[np.flatnonzero(test)]
    started = time.process_time()
    predictions = dataset.restored(model.predict(held_out), test)
    predict_seconds = time.process_time() - started
    columns = {"id": dataset.ids[test], "energy": energies[test], "prediction": predictions}
    if hasattr(model, "uncertainty"):
        columns["uncertainty"] = model.uncertainty(held_out)
    write_table(files.predictions, columns)
    if getattr(model, "history", None):
        write_records(files.history, model.history)
    write_model(files, model, row, parameters, {**provenance, "fold": fold})
    metrics = {
        "fold": fold,
        "grid": row.grid,
        "budget": row.budget,
        "predictions_sha256": sha256_of(files.predictions),
        "test_molecules": int(test.sum()),
        "training_molecules": len(training),
        "mae": mean_absolute_error(energies[test], predictions),
        "rmse": root_mean_squared_error(energies[test], predictions),
        "largest_error": largest_error(energies[test], predictions),
        **_inner_interval(predictions - energies[test], inner_errors),
        "parameters": parameters,
        **known_besides(provenance),
        "number_of_parameters": int(model.number_of_parameters),
        "fit_cpu_seconds": fit_seconds + earlier_seconds,
        "predict_cpu_seconds": predict_seconds,
        **cost_of_this_process(earlier_seconds),
    }
    write_json(files.metrics, metrics)
    shutil.rmtree(files.checkpoints, ignore_errors=True)
    return metrics


def _inner_interval(
    errors: NDArray[np.float64], inner_errors: NDArray[np.float64] | None
) -> dict[str, Any]:
    """Coverage and width of the 90 % interval that is calibrated inside the training folds."""
    if inner_errors is None:
        return {}
    return {"inner_interval_90": asdict(quality_from_inside(errors, inner_errors))}
