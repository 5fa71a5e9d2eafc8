"""Makes a shipped model of a finished entry: fitted on all molecules, with quantiles of its errors.

What is kept are representations of some inducing atoms, a weight for each of them and for each
total, an energy per element, and quantiles. No energy, error or prediction of a molecule is kept.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.evaluation.distance_intervals import DistanceIntervals, coverage_across_folds
from qm7bench.evaluation.metrics import max_error
from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.models.sparse_local_kernel_ridge import SparseLocalKernelRidge
from qm7bench.regression.nearest_atoms import distances_to_others
from qm7bench.shipped.origins import ORIGINS

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Tested:
    """What five folds said of an entry that is to ship.

    Attributes
    ----------
    name : str
        Of the model.
    dataset : Dataset
        Of n molecules, with the baseline that the model corrects, if it does.
    atoms : AtomRepresentations
        Their representation, with the sums that the fits shared.
    parameters : dict
        Of the model: the grid point with the smallest error over all folds.
    errors : float64 array of shape (n,)
        Prediction - reference energy in kcal/mol of each molecule, by the model of the nested
        protocol that has not seen it.
    provenance : dict
        What the newest fold's `model.json` says of data set, feature and versions.
    """

    name: str
    dataset: Dataset
    atoms: AtomRepresentations
    parameters: dict[str, Any]
    errors: Floats
    provenance: dict[str, Any]


def shipped(tested: Tested, exact: dict[str, Any] | None) -> tuple[Arrays, dict[str, Any]]:
    """Fit on all molecules; return the arrays of the model and its description.

    Parameters
    ----------
    exact : dict, optional
        `nested_errors` of the entry with the exact kernel on the same folds, where it was run.

    Raises
    ------
    ModelError
        If a molecule has no error, or the data set is none whose models ship.
    """
    dataset = tested.dataset
    if dataset.name not in ORIGINS:
        raise ModelError(
            f"{dataset.name}: models of {', '.join(ORIGINS)} ship; origins.py says of each what "
            "its energies are"
        )
    if not np.isfinite(tested.errors).all():
        missing = int((~np.isfinite(tested.errors)).sum())
        raise ModelError(
            f"{dataset.name}: {missing} molecules have no prediction by a model that did not see "
            "them; run all five folds first"
        )
    model = SparseLocalKernelRidge(**tested.parameters).fit(tested.atoms, dataset.targets)
    of_atoms = distances_to_others(model.basis_, tested.atoms)
    distances = np.maximum.reduceat(of_atoms, tested.atoms.atom_offsets[:-1])
    return _compact(model.state()), _described(tested, model, distances, exact)


def _compact(arrays: Arrays) -> Arrays:
    """Arrays with the directions of the axes in single precision, as representations are.

    It halves the model and moves energies on QM7 by 2e-5 kcal/mol at most.
    """
    return {
        name: array.astype(np.float32) if name.startswith("directions_") else array
        for name, array in arrays.items()
    }


def _described(
    tested: Tested, model: SparseLocalKernelRidge, distances: Floats, exact: dict[str, Any] | None
) -> dict[str, Any]:
    dataset, errors, provenance = tested.dataset, tested.errors, tested.provenance
    intervals = DistanceIntervals.calibrated(distances, errors)
    coverage, mean_width = coverage_across_folds(distances, errors, dataset.folds)
    feature = {key: provenance["feature"][key] for key in ("module", "parameters")}
    return {
        "name": tested.name,
        "module": provenance["module"],
        "parameters": model.get_params(),
        "feature": feature,
        **_baseline(provenance),
        "number_of_parameters": model.number_of_parameters,
        "inducing_atoms": len(model.weights_),
        "dataset": {
            "name": dataset.name,
            "sha256": provenance["dataset"]["sha256"],
            "molecules": len(dataset),
            "elements": dataset.elements,
            "largest_molecule": int(dataset.sizes.max()),
        },
        "energies": asdict(ORIGINS[dataset.name]),
        "errors": {
            "largest": max_error(dataset.energies, dataset.energies + errors),
            **nested_errors(errors, dataset.folds),
        },
        "exact": exact,
        "intervals": {**intervals.to_json(), "coverage": coverage, "mean_width": mean_width},
        "versions": provenance["versions"],
    }


def _baseline(provenance: dict[str, Any]) -> dict[str, Any]:
    """The energies that the model corrects, as a user knows them and as they are computed."""
    if "baseline" not in provenance:
        return {}
    facts = provenance["baseline"]
    kept = {key: facts[key] for key in ("name", "module", "parameters")}
    return {"baseline": {**kept, "method": facts["parameters"].get("method", facts["name"])}}


def nested_errors(errors: Floats, folds: NDArray[np.int64]) -> dict[str, Any]:
    """Number of folds, and MAE and RMSE as the leaderboard has them: means over the folds.

    Parameters
    ----------
    errors, folds : arrays of shape (n,)
        Prediction - reference energy in kcal/mol of each molecule, and its fold.
    """
    by_fold = [errors[folds == fold] for fold in np.unique(folds)]
    maes = [np.abs(own).mean() for own in by_fold]
    return {
        "folds": len(by_fold),
        "mae": float(np.mean(maes)),
        "mae_std": float(np.std(maes)),
        "rmse": float(np.mean([np.sqrt((own**2).mean()) for own in by_fold])),
    }
