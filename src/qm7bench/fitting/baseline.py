"""Energies of a cheaper method as a baseline: models learn what it lacks.

Known as delta-learning: Ramakrishnan, Dral, Rupp & von Lilienfeld, J. Chem. Theory Comput. 11, 2087
(2015). Errors of the differences are errors of the energies, so that choices need not know of it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import read_artefact, read_json, sha256_of
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError, counted
from qm7bench.registry.modules import load


def with_baseline(dataset: Dataset, feature: Path | None) -> Dataset:
    """Return the data set with the energies of a feature artefact as its baseline, if one is given.

    Raises
    ------
    ArtefactError
        If the feature is not one energy in kcal/mol for each molecule of the data set.
    """
    if feature is None:
        return dataset
    artefact = read_artefact(feature)
    values, units = artefact.arrays.get("values"), artefact.metadata.get("units", "no unit")
    found = f"{units} and shape {None if values is None else values.shape}"
    if units != "kcal/mol" or values is None or values.shape[1:] != (1,):
        raise ArtefactError(
            f"{feature}: a baseline is one column in kcal/mol, this feature has {found}; name one "
            "such as `gfn2_xtb` as the model's baseline"
        )
    if len(values) != len(dataset):
        raise ArtefactError(
            f"{feature}: energies of {counted(len(values), 'molecule')}, where {dataset.name} has "
            f"{len(dataset):,}; compute the feature again"
        )
    return replace(dataset, baseline=np.asarray(values[:, 0], dtype=np.float64))


def baseline_facts(feature: Path | None) -> dict[str, Any]:
    """Facts on the baseline for `model.json`, under `baseline`; empty without one."""
    if feature is None:
        return {}
    metadata = read_json(feature)
    facts = {key: metadata[key] for key in ("name", "module", "parameters")}
    return {"baseline": {**facts, "sha256": sha256_of(feature)}}


def baseline_energies(facts: dict[str, Any], molecules: Dataset) -> NDArray[np.float64]:
    """Energies (n,) of new molecules in kcal/mol by the baseline that a fitted model names."""
    feature = load("features", facts["module"])(**facts["parameters"])
    return np.asarray(feature.compute(molecules)["values"][:, 0])
