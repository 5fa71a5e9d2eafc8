"""A user's own molecules: extended XYZ in Angstrom, read with ASE.

The comment line of each molecule holds `key=value` pairs, for example
`energy=-1012.4 fold=3`; a plain XYZ file (no pairs) will do for molecules to predict.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from qm7bench.artefacts.artefact import sha256_of
from qm7bench.chemistry.units import ENERGY_UNITS
from qm7bench.datasets.dataset import Dataset, check_dataset, pad
from qm7bench.datasets.folds import NUMBER_OF_FOLDS, stratified_folds
from qm7bench.errors import DataSetError


def load_extended_xyz(
    name: str,
    path: Path,
    energy_key: str = "energy",
    energy_unit: str = "kcal/mol",
    fold_key: str = "fold",
    seed: int = 0,
) -> tuple[Dataset, dict[str, Any]]:
    """Load molecules with atomization energies; folds are drawn where the file gives none.

    Raises
    ------
    DataSetError
        If the file cannot be read, a molecule has no energy, or only some have a fold.
    """
    frames = _read_frames(path)
    energies = np.array([_number(f, energy_key, path, i) for i, f in enumerate(frames)])
    kcal = energies * ENERGY_UNITS[energy_unit]
    given = [fold_key in frame.info for frame in frames]
    if any(given) and not all(given):
        missing = given.index(False)
        raise DataSetError(f"{path}: molecule {missing} has no {fold_key}, but others have one")
    if all(given):
        folds = np.array([_fold(f, fold_key, path, i) for i, f in enumerate(frames)])
        if folds.min() < 0:
            raise DataSetError(f"{path}: folds are numbered from 0; found {folds.min()}")
    else:
        folds = stratified_folds(kcal, seed)
    dataset = _dataset(name, frames, kcal, folds)
    check_dataset(dataset, NUMBER_OF_FOLDS)
    return dataset, {"file": path.name, "sha256": sha256_of(path)}


def load_molecules(path: Path) -> Dataset:
    """Load molecules to predict, from extended or plain XYZ; energies are NaN and folds zero."""
    frames = _read_frames(path)
    n = len(frames)
    dataset = _dataset(path.stem, frames, np.full(n, np.nan), np.zeros(n, dtype=np.int64))
    return check_dataset(dataset)


def _dataset(name: str, frames: list[Any], energies: Any, folds: Any) -> Dataset:
    charges, positions = pad([(f.numbers.astype(np.int64), f.positions) for f in frames])
    return Dataset(name, np.arange(len(frames)), charges, positions, energies, folds)


def _read_frames(path: Path) -> list[Any]:
    from ase.io import read

    if not path.is_file():
        raise DataSetError(f"{path}: no such file")
    frames = None
    for kind in ("extxyz", "xyz"):
        try:
            frames = read(path, index=":", format=kind)
            break
        except KeyError as error:
            raise DataSetError(f"{path}: unknown element {error}") from error
        except Exception as error:
            reason = error
    if not frames:
        raise DataSetError(
            f"{path}: not a readable XYZ file ({reason if frames is None else 'empty'})"
        )
    for i, frame in enumerate(frames):
        if (frame.numbers < 1).any():
            raise DataSetError(f"{path}: molecule {i} has an atom of an unknown element")
    return list(frames)


def _fold(frame: Any, key: str, path: Path, molecule: int) -> int:
    value = _number(frame, key, path, molecule)
    if not value.is_integer():
        raise DataSetError(f"{path}: molecule {molecule}: {key}={value:g} is no whole number")
    return int(value)


def _number(frame: Any, key: str, path: Path, molecule: int) -> float:
    """Value of a key; ASE moves the usual names into a calculator."""
    results = frame.calc.results if frame.calc is not None else {}
    value = frame.info.get(key, results.get(key))
    if value is None:
        known = ", ".join([*frame.info, *results]) or "none"
        raise DataSetError(
            f"{path}: molecule {molecule} has no {key!r}; its comment line has: {known}. Name the "
            "key with datasets.<name>.energy in config.yaml"
        )
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise DataSetError(f"{path}: molecule {molecule}: {key}={value!r} is no number") from error
