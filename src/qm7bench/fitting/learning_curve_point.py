"""One point of a learning curve: an entry's protocol with a part of its training molecules.

Nothing else is used: hyper-parameters are chosen by cross-validation inside this part, over the
folds that its molecules belong to, as for the whole entry. The test molecules are the whole test
fold.
"""

from __future__ import annotations

import hashlib
import math
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import write_json
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.errors import ModelError
from qm7bench.evaluation.selection import CrossValidation
from qm7bench.fitting.job import FitInputs, versions
from qm7bench.fitting.training_run import TrainingRun
from qm7bench.fitting.training_subset import training_subset
from qm7bench.registry.modules import load, parameters_of
from qm7bench.registry.parameters import grid_points

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
    """Which part of a fold's training molecules a model is fitted to.

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


def fit_point(inputs: FitInputs, point: Point, output: Path) -> dict[str, Any]:
    """Choose, fit and test on a part of the training molecules; write the metrics and return them.

    Where the entry itself learns from no more molecules than the point asks for, it is left out:
    `left_out` is true, and there are no errors.

    Parameters
    ----------
    output : Path
        JSON file to write.
    """
    entry, dataset = inputs.entry, inputs.dataset
    training = np.flatnonzero(dataset.folds != point.fold)
    whole = min(len(training), entry.molecules or len(training))
    description = {
        **asdict(point),
        "all_training_molecules": whole,
        "left_out": point.size >= whole,
        "budget": entry.budget,
        "versions": versions(),
        **inputs.provenance,
    }
    files = FitFiles(output.with_suffix(""))
    if not description["left_out"]:
        part = (point.fold, point.size, point.draw)
        chosen = training_subset(dataset, training, *part, entry.seed)
        ids = np.asarray(dataset.ids[chosen], dtype="<i8").tobytes()
        description["subset_sha256"] = hashlib.sha256(ids).hexdigest()
        description |= _fitted(inputs, point, chosen, whole, files)
    write_json(output, description)
    shutil.rmtree(files.folder, ignore_errors=True)
    return description


def _fitted(
    inputs: FitInputs, point: Point, chosen: NDArray[np.int64], whole: int, files: FitFiles
) -> dict[str, Any]:
    """Errors on the test fold of a model fitted to the chosen molecules, and what it cost.

    `whole` is how many the entry itself learns from.
    """
    entry, test = inputs.entry, np.flatnonzero(inputs.dataset.folds == point.fold)
    parameters = parameters_within(inputs, chosen)
    if point.equal_steps:
        parameters = with_equal_steps(entry.module, parameters, len(chosen), whole)
    part = f"fold {point.fold} size {point.size} draw {point.draw}"
    identity = [asdict(point), parameters, inputs.provenance]
    trained = TrainingRun(inputs, parameters, part, chosen, files, identity).train()
    errors = trained.predict(test).errors()
    return {**errors, "grid": entry.grid, "parameters": parameters, **trained.costs()}


def parameters_within(inputs: FitInputs, chosen: NDArray[np.int64]) -> dict[str, Any]:
    """Parameters with the grid point of the smallest error inside the chosen molecules.

    Each of their folds is left out in turn, as `selection` does with all training molecules.
    Without a grid nothing is chosen.

    Raises
    ------
    ModelError
        If no grid point could be fitted, or all molecules are of one fold.
    """
    entry, dataset = inputs.entry, inputs.dataset[chosen]
    if not entry.grid:
        return entry.parameters
    inside = CrossValidation(
        load("models", entry.module),
        grid_points(entry.parameters, entry.grid),
        inputs.features[chosen],
        dataset.targets,
        dataset.folds,
        dataset.charges,
    )
    if len(inside.all_folds) < 2:
        raise ModelError(
            f"learning curve: all {len(chosen)} molecules are of one fold; give larger sizes"
        )
    return inside.chosen()


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
