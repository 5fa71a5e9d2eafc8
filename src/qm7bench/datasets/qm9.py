"""QM9, its molecules as small as QM7's and those that are larger, from the PyPI package `qm9pack`.

Ramakrishnan, Dral, Rupp & von Lilienfeld, Sci. Data 1, 140022 (2014). The package holds the data as
CSV files, which are read without importing it. Atomization energies at 0 K are the molecule's
internal energy at 0 K minus the energies of its free atoms, B3LYP/6-31G(2df,p).
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import sha256_of
from qm7bench.chemistry.elements import CHARGES
from qm7bench.chemistry.units import KCAL_PER_MOL_PER_HARTREE
from qm7bench.datasets.dataset import Dataset, check_dataset, pad
from qm7bench.datasets.folds import NUMBER_OF_FOLDS, stratified_folds
from qm7bench.errors import DataSetError
from qm7bench.installation import missing

FILES = ("qm9_part1.csv", "qm9_part2.csv", "qm9_part3.csv")
COLUMNS = ["Index", "Elements", "XYZ_Ang", "InternalEnergy_0K_au"]
FREE_ATOMS_HARTREE = {1: -0.500273, 6: -37.846772, 7: -54.583861, 8: -75.064579, 9: -99.718730}
HEAVY_ATOMS_OF_QM7 = 7
HEAVY_ATOMS_OF_QM9 = 9
FOLD_SEED = 7


def load_qm9() -> tuple[Dataset, dict[str, Any]]:
    """All 130,831 molecules."""
    return _load("qm9", range(HEAVY_ATOMS_OF_QM9 + 1))


def load_qm9small() -> tuple[Dataset, dict[str, Any]]:
    """The 3,921 molecules with at most seven heavy atoms: as many as QM7's have."""
    return _load("qm9small", range(HEAVY_ATOMS_OF_QM7 + 1))


def load_qm9large() -> tuple[Dataset, dict[str, Any]]:
    """The 126,910 molecules with eight and nine heavy atoms: none of them is in QM7 or qm9small."""
    return _load("qm9large", range(HEAVY_ATOMS_OF_QM7 + 1, HEAVY_ATOMS_OF_QM9 + 1))


def _load(name: str, heavy_atoms: range) -> tuple[Dataset, dict[str, Any]]:
    folder = _data_folder()
    molecules, energies, ids = [], [], []
    for file in FILES:
        for index, charges, xyz, energy in _molecules(folder / file, heavy_atoms):
            molecules.append((charges, xyz))
            ids.append(index)
            energies.append(energy - sum(FREE_ATOMS_HARTREE[int(z)] for z in charges))
    order = np.argsort(ids)
    charges, positions = pad(molecules)
    kcal = np.array(energies)[order] * KCAL_PER_MOL_PER_HARTREE
    dataset = Dataset(
        name=name,
        ids=np.array(ids)[order],
        charges=charges[order],
        positions=positions[order],
        energies=kcal,
        folds=stratified_folds(kcal, FOLD_SEED),
    )
    digest = hashlib.sha256("".join(sha256_of(folder / f) for f in FILES).encode()).hexdigest()
    check_dataset(dataset, NUMBER_OF_FOLDS)
    return dataset, {"package": "qm9pack", "files": list(FILES), "sha256": digest}


def _data_folder() -> Path:
    """Folder of the package's CSV files; importing the package would read all of them."""
    specification = importlib.util.find_spec("qm9pack")
    if specification is None or specification.origin is None:
        raise missing("qm9pack")
    return Path(specification.origin).parent / "data"


def _molecules(
    path: Path, heavy_atoms: range
) -> list[tuple[int, NDArray[Any], NDArray[Any], float]]:
    """Molecules of one CSV file whose number of heavy atoms is in a range."""
    molecules = []
    for index, elements, xyz, energy in _rows(path):
        charges = [CHARGES[e] for e in elements.translate(_NO_BRACKETS).split(",")]
        if sum(z > 1 for z in charges) in heavy_atoms:
            flat = np.array(xyz.translate(_NO_BRACKETS).split(","), dtype=np.float64)
            molecules.append((int(index), np.array(charges), flat.reshape(-1, 3), float(energy)))
    return molecules


def _rows(path: Path) -> Iterator[list[str]]:
    """Values of `COLUMNS` in each row of one CSV file."""
    if not path.is_file():
        raise DataSetError(f"{path}: no such file; reinstall the package qm9pack")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        places = [header.index(column) for column in COLUMNS]
        for row in rows:
            yield [row[place] for place in places]


_NO_BRACKETS = str.maketrans("", "", "[]' ")
