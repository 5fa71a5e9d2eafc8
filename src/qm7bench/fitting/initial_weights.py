"""Models that start from the weights of one that was pretrained on another data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from qm7bench.artefacts.artefact import check_unchanged, read_json, sha256_of
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.models.interface import Model, StartsFromWeights


def start_from_pretrained(model: Model, module: str, path: Path) -> None:
    """Let a model's fit start from the weights of a pretrained one.

    Parameters
    ----------
    path : Path
        `model.json` of the pretrained model.

    Raises
    ------
    ModelError
        If the model cannot start from another's weights.
    ArtefactError
        If the pretrained model was damaged.
    """
    starting = able_to_start(model, module)
    arrays = FitFiles(path.parent).arrays
    check_unchanged(arrays, read_json(path)["arrays_sha256"], handle=path)
    with np.load(arrays, allow_pickle=False) as file:
        starting.start_from(dict(file))


def able_to_start(model: Model, module: str) -> StartsFromWeights:
    """Return the model, if it can start from the weights of another one.

    Raises
    ------
    ModelError
        If it cannot.
    """
    if isinstance(model, StartsFromWeights) and model.element_weights:
        return model
    raise ModelError(
        f"{module} cannot start from the weights of another model; pretrain one that names its "
        "`element_weights`, such as painn"
    )


def pretraining_facts(path: Path, dataset: Dataset) -> dict[str, Any]:
    """Facts on a pretrained model, once it is certain that it saw no test molecule.

    Raises
    ------
    ModelError
        If a molecule of the data set may be among those of the pretraining.
    """
    description = read_json(path)
    fewest, most = description["heavy_atoms"]
    heavy_atoms = (dataset.charges > 1).sum(axis=1)
    known = (heavy_atoms >= fewest) & (heavy_atoms <= most)
    if known.any():
        raise ModelError(
            f"{dataset.name}: molecule {int(dataset.ids[known][0])} has as many heavy atoms as the "
            f"molecules that the network was pretrained on ({fewest} to {most}) and may be one of "
            "them; use a model without pretraining"
        )
    return {
        "dataset": description["dataset"]["name"],
        "molecules": description["molecules"],
        "sha256": sha256_of(path),
        "cpu_seconds": description["cpu_seconds"],
        "peak_memory_mb": description["peak_memory_mb"],
    }
