"""One ensemble on one fold: learn the members' weights, combine their predictions, keep everything.

For test fold k the weights are those of the smallest mean absolute error of inner predictions: a
molecule of another fold, predicted by members fitted without both. No energy of fold k is read.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path, sha256_of, write_json
from qm7bench.artefacts.parquet import write_table
from qm7bench.artefacts.results_tree import ENSEMBLE, FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.ensembles.members import Member
from qm7bench.ensembles.weights import combined, learned_weights, uncertainty
from qm7bench.evaluation.metrics import mean_absolute_error, measured
from qm7bench.fitting.job import cost_of_this_process, versions
from qm7bench.fitting.track import also_used_by_members

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ensemble:
    """What the configuration says of an ensemble.

    Attributes
    ----------
    name : str
    weights : str
        "learned" from inner predictions, or "equal".
    inner_folds : tuple of int
        Folds whose inner predictions give the weights for this test fold; empty for equal weights.
    test_folds : tuple of int
        Test folds of the run, which share the costs of selections and inner fits.
    """

    name: str
    weights: Literal["learned", "equal"]
    inner_folds: tuple[int, ...]
    test_folds: tuple[int, ...]


def combine_fold(
    ensemble: Ensemble, members: list[Member], dataset: Dataset, fold: int, files: FitFiles
) -> dict[str, Any]:
    """Combine the members and write all files of one fold; return the metrics."""
    started = time.process_time()
    test = dataset.folds == fold
    energies, ids = dataset.energies[test], dataset.ids[test]
    predictions = np.stack([member.test_predictions(ids) for member in members])
    weights, floor = _weights(ensemble, members, dataset, predictions)
    means = combined(predictions, weights)
    spread = uncertainty(predictions, weights, floor)
    columns = {"id": ids, "energy": energies, "prediction": means, "uncertainty": spread}
    write_table(files.predictions, columns)
    _write_model(files, ensemble, members, weights, floor)
    first, own = members[0].metrics, cost_of_this_process()
    costs = [c for m in members for c in m.costs(ensemble.inner_folds, ensemble.test_folds)]
    metrics = {
        "fold": fold,
        "grid": {},
        "protocol": "nested" if ensemble.weights == "learned" else "fixed",
        "budget": next((m.metrics["budget"] for m in members if m.metrics["budget"]), ""),
        "predictions_sha256": sha256_of(files.predictions),
        "training_molecules": first["training_molecules"],
        **measured(energies, means),
        "parameters": dict(zip([m.entry for m in members], weights.tolist(), strict=True)),
        "number_of_parameters": sum(m.metrics["number_of_parameters"] for m in members),
        "fit_cpu_seconds": _total("fit_cpu_seconds", members) + time.process_time() - started,
        "predict_cpu_seconds": _total("predict_cpu_seconds", members),
        **also_used_by_members(m.metrics for m in members),
        "cpu_seconds": own["cpu_seconds"] + sum(c["cpu_seconds"] for c in costs),
        "peak_memory_mb": max(c["peak_memory_mb"] for c in [own, *costs]),
    }
    write_json(files.metrics, metrics)
    return metrics


def _weights(
    ensemble: Ensemble, members: list[Member], dataset: Dataset, predictions: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Weights of the members, and the floor of the uncertainty in kcal/mol."""
    if ensemble.weights == "equal":
        weights = np.full(len(members), 1 / len(members))
        spreads = uncertainty(predictions, weights, 0.0)
        spreads = spreads[np.isfinite(spreads)]
        return weights, float(spreads.mean()) if len(spreads) else 0.0
    energies = dataset.energies[np.isin(dataset.folds, ensemble.inner_folds)]
    inner = np.stack([m.inner_predictions(dataset, ensemble.inner_folds) for m in members])
    predicted = np.isfinite(inner.sum(axis=0))
    if not predicted.any():
        logger.warning(
            "ensemble %s: no molecule of folds %s has an inner prediction of every member, so that "
            "nothing can be learned; its weights are equal",
            *(ensemble.name, " ".join(map(str, ensemble.inner_folds))),
        )
        return np.full(len(members), 1 / len(members)), 0.0
    energies, inner = energies[predicted], inner[:, predicted]
    weights = learned_weights(inner - energies)
    return weights, mean_absolute_error(energies, combined(inner, weights))


def _total(name: str, members: list[Member]) -> float:
    return float(sum(member.metrics[name] for member in members))


def _write_model(
    files: FitFiles,
    ensemble: Ensemble,
    members: list[Member],
    weights: NDArray[np.float64],
    floor: float,
) -> None:
    """Keep the weights, and where the members' fitted models are, relative to this folder."""
    with atomic_path(files.arrays) as temporary, temporary.open("wb") as file:
        np.savez(file, weights=weights, floor=np.array(floor))
    description = {
        "row": {
            "dataset": members[0].description["dataset"]["name"],
            "feature": ENSEMBLE,
            "model": ensemble.name,
        },
        "module": ENSEMBLE,
        "parameters": {"weights": ensemble.weights, "inner_folds": list(ensemble.inner_folds)},
        "members": [
            {
                "row": member.entry,
                "folder": _relative(member.files.folder, files.folder),
                "model_sha256": member.model_sha256,
            }
            for member in members
        ],
        "versions": versions(),
        "arrays_sha256": sha256_of(files.arrays),
        "dataset": members[0].description["dataset"],
        "fold": members[0].metrics["fold"],
    }
    write_json(files.model, description)


def _relative(path: Path, start: Path) -> str:
    return Path(os.path.relpath(path.resolve(), start.resolve())).as_posix()
