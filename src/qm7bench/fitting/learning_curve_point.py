"""One point of a learning curve: a row's protocol with a part of its training molecules.

What the point knows are its molecules alone: hyper-parameters are chosen by cross-validation inside
them, over the folds that they belong to, as for the whole row. The test molecules are the whole
test fold.
"""

from __future__ import annotations

import hashlib
import math
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import write_json
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.evaluation.metrics import (
    largest_error,
    mean_absolute_error,
    root_mean_squared_error,
)
from qm7bench.evaluation.selection import cross_validate, grid_points
from qm7bench.evaluation.training_subsets import nested_order
from qm7bench.fitting.job import Row, cost_of_this_process, seconds_before, versions, workspace
from qm7bench.registry.modules import load, parameters_of
from qm7bench.seeds import derived_seed

IN_EPOCHS = (
    "epochs",
    "warmup_epochs",
    "decay_epochs",
    "plateau_patience",
    "stopping_patience",
    "evaluate_every",
)
"""Parameters that count epochs, and grow where fewer molecules shall be trained as many steps."""


@dataclass(frozen=True)
class Point:
    """Which part of a fold's training molecules is learnt from.

    Attributes
    ----------
    fold : int
        Test fold.
    size : int
        Number of training molecules.
    draw : int
        Number of the random draw.
    equal_steps : bool
        Whether a network takes as many steps as on all training molecules, or as many epochs.
    """

    fold: int
    size: int
    draw: int
    equal_steps: bool = True


def fit_point(
    row: Row,
    point: Point,
    dataset: Dataset,
    features: Any,
    output: Path,
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Choose, fit and test on a part of the training molecules; write the metrics and return them.

    Where the training folds hold no more molecules than the point asks for, it is left out:
    `left_out` is true, and there are no errors.

    Parameters
    ----------
    features : object with rows to select
        Of all molecules of the data set.
    output : Path
        JSON file to write.
    provenance : dict
        Data set and feature with their checksums and parameters.
    """
    training = np.flatnonzero(dataset.folds != point.fold)
    description = {
        **asdict(point),
        "all_training_molecules": len(training),
        "left_out": point.size >= len(training),
        "budget": row.budget,
        "versions": versions(),
        **provenance,
    }
    if not description["left_out"]:
        chosen = subset(dataset, training, point, row.seed)
        ids = np.asarray(dataset.ids[chosen], dtype="<i8").tobytes()
        description["subset_sha256"] = hashlib.sha256(ids).hexdigest()
        description |= _fitted(row, point, dataset, features, chosen, output, provenance)
    write_json(output, description)
    return description


def subset(
    dataset: Dataset, training: NDArray[np.int64], point: Point, seed: int
) -> NDArray[np.int64]:
    """Numbers of the point's training molecules, in rising order.

    They do not depend on feature and model, so that rows are compared on the same molecules.
    """
    drawn_from = derived_seed(dataset.name, "learning curve", point.fold, point.draw, seed)
    order = nested_order(
        dataset.energies[training], dataset.charges[training], np.random.default_rng(drawn_from)
    )
    return np.sort(training[order[: point.size]])


def _fitted(
    row: Row,
    point: Point,
    dataset: Dataset,
    features: Any,
    chosen: NDArray[np.int64],
    output: Path,
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Errors on the test fold of a model fitted to the chosen molecules, and what it cost."""
    energies, test = dataset.targets, np.flatnonzero(dataset.folds == point.fold)
    own = features[chosen]
    parameters = parameters_inside(row, own, energies[chosen], dataset.folds[chosen])
    if point.equal_steps:
        whole = len(dataset) - len(test)
        parameters = with_equal_steps(row.module, parameters, len(chosen), whole)
    model = row.build(parameters, f"fold {point.fold} size {point.size} draw {point.draw}")
    files = FitFiles(output.with_suffix(""))
    if hasattr(model, "workspace"):
        identity = [asdict(row), asdict(point), parameters, provenance]
        model.workspace = workspace(files, identity)
    started = time.process_time()
    model.fit(own, energies[chosen])
    earlier = seconds_before(getattr(model, "history", []), time.process_time() - started)
    predictions = model.predict(features[test])
    shutil.rmtree(files.folder, ignore_errors=True)
    return {
        "test_molecules": len(test),
        "mae": mean_absolute_error(energies[test], predictions),
        "rmse": root_mean_squared_error(energies[test], predictions),
        "largest_error": largest_error(energies[test], predictions),
        "grid": row.grid,
        "parameters": parameters,
        **cost_of_this_process(earlier),
    }


def parameters_inside(
    row: Row, features: Any, energies: NDArray[np.float64], folds: NDArray[np.int64]
) -> dict[str, Any]:
    """Parameters with the grid point of the smallest error inside these molecules.

    Each of their folds is left out in turn, as `selection` does with all training molecules; the
    first of equals is taken. Without a grid nothing is chosen.

    Raises
    ------
    ModelError
        If no grid point could be fitted, or all molecules are of one fold.
    """
    if not row.grid:
        return row.parameters
    points = grid_points(row.parameters, row.grid)
    numbers = [int(f) for f in np.unique(folds)]
    if len(numbers) < 2:
        raise ModelError(
            f"learning curve: all {len(folds)} molecules are of one fold; give larger sizes"
        )
    without = {j: tuple(f for f in numbers if f != j) for j in numbers}
    model_class = load("models", row.module)
    predictions = cross_validate(
        model_class, points, features, energies, folds, list(without.values())
    )
    errors = np.zeros(len(points))
    for j, training_set in without.items():
        rows = folds == j
        errors += np.abs(predictions[training_set][:, rows] - energies[rows]).mean(axis=1)
    if not np.isfinite(errors).any():
        raise ModelError(
            f"learning curve: no grid point could be fitted to {len(folds)} molecules; change the "
            "grid, or give larger sizes"
        )
    return points[int(np.argmin(np.where(np.isfinite(errors), errors, math.inf)))]


def with_equal_steps(
    module: str, parameters: dict[str, Any], size: int, whole: int
) -> dict[str, Any]:
    """Parameters of a network that takes as many steps on `size` molecules as on `whole`.

    Whatever counts epochs grows by the ratio of minibatches in an epoch; other models' parameters
    are as they were.
    """
    declared = parameters_of("models", module)
    if "epochs" not in declared:
        return parameters
    given = {name: p.default for name, p in declared.items()} | parameters
    batch = int(given.get("batch_size", 1))
    ratio = math.ceil(whole / batch) / math.ceil(size / batch)
    scaled = {name: given[name] * ratio for name in IN_EPOCHS if name in declared}
    rounded = {n: round(v) if "Int" in declared[n].type else v for n, v in scaled.items()}
    return {**parameters, **rounded}
