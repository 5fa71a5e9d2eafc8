"""One model on one fold: fit on the training folds, predict the test fold, keep everything."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import sha256_of
from qm7bench.artefacts.parquet import write_records, write_table
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.evaluation.conformal import quality_by_inner_errors
from qm7bench.fitting.job import FitInputs, also_made_from, write_model
from qm7bench.fitting.training_run import TrainingRun, finish
from qm7bench.fitting.training_subset import training_subset


def fit_fold(
    inputs: FitInputs,
    parameters: dict[str, Any],
    fold: int,
    files: FitFiles,
    inner_errors: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """Fit, predict and write all files of one fold; return the metrics.

    Parameters
    ----------
    parameters : dict
        The chosen hyper-parameters with the fixed ones.
    inner_errors : float64 array, optional
        Errors of inner predictions, where a selection made some; they calibrate an interval.
    """
    entry, dataset, provenance = inputs.entry, inputs.dataset, inputs.provenance
    test, training = (np.flatnonzero(own) for own in (dataset.folds == fold, dataset.folds != fold))
    if entry.molecules:
        training = training_subset(dataset, training, fold, entry.molecules, 0, entry.seed)
    identity = [parameters, provenance, fold]
    trained = TrainingRun(inputs, parameters, fold, training, files, identity).train(watched=test)
    found = trained.predict(test, uncertain=True)
    columns = {"id": dataset.ids[test], "energy": found.energies, "prediction": found.predictions}
    if found.uncertainties is not None:
        columns["uncertainty"] = found.uncertainties
    write_table(files.predictions, columns)
    if trained.history:
        write_records(files.history, trained.history)
    made_from = {**inputs.provenance_of(training), "fold": fold}
    write_model(files, trained.model, entry, parameters, made_from)
    metrics = {
        "fold": fold,
        "grid": entry.grid,
        "budget": entry.budget,
        "predictions_sha256": sha256_of(files.predictions),
        "training_molecules": trained.learned_from,
        **found.errors(),
        **_inner_interval(found.predictions - found.energies, inner_errors),
        "parameters": parameters,
        **also_made_from(provenance),
        "number_of_parameters": int(trained.model.number_of_parameters),
        "fit_cpu_seconds": trained.fit_seconds,
        "predict_cpu_seconds": found.predict_seconds,
        **trained.costs(),
    }
    finish(files, metrics)
    return metrics


def _inner_interval(
    errors: NDArray[np.float64], inner_errors: NDArray[np.float64] | None
) -> dict[str, Any]:
    """Coverage and width of the 90 % interval that is calibrated on inner folds."""
    quality = None if inner_errors is None else quality_by_inner_errors(errors, inner_errors)
    return {} if quality is None else {"inner_interval_90": asdict(quality)}
