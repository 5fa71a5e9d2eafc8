"""A user's own molecules: extended XYZ in Angstrom.

The comment line of each molecule holds `key=value` pairs, for example
`energy=-1012.4 fold=3`; a plain XYZ file (no pairs) will do for molecules to predict.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.units import ENERGY_UNITS
from qm7bench.datasets.dataset import Dataset, check_dataset, pad
from qm7bench.datasets.folds import NUMBER_OF_FOLDS, stratified_folds
from qm7bench.datasets.line_notations import needs_a_geometry, notation_of
from qm7bench.datasets.periodic_cells import periodic_cell, whole_positions
from qm7bench.datasets.text_file import read_text_file, shown
from qm7bench.datasets.xyz_atoms import atoms_of
from qm7bench.datasets.xyz_comment import Comment, parse_comment
from qm7bench.datasets.xyz_frames import Frame, frames_of
from qm7bench.errors import DataSetError, UserError

DEFAULT_FOLD_KEY = "fold"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Molecule:
    """One molecule as it was read: atoms (a,) at positions (a, 3), and what was done to it."""

    frame: Frame
    comment: Comment
    charges: NDArray[np.int64]
    positions: NDArray[np.float64]
    numbered: bool
    heavy_hydrogen: bool
    periodic: bool
    moved: bool


def load_extended_xyz(
    name: str,
    path: Path,
    energy_key: str = "energy",
    energy_unit: str = "kcal/mol",
    fold_key: str | None = None,
    seed: int = 0,
) -> tuple[Dataset, dict[str, Any]]:
    """Load molecules with atomization energies.

    Parameters
    ----------
    fold_key : str, optional
        Key of the fold. By default `fold` where the file has it; otherwise folds are drawn.

    Raises
    ------
    DataSetError
        If the file cannot be read, a molecule has no energy, or only some have a fold. The message
        names file, molecule and line.
    GeometryError
        If two atoms coincide, or a periodic cell does not hold just one molecule.
    """
    if energy_unit not in ENERGY_UNITS:
        raise DataSetError(
            f"unknown unit of energy {energy_unit!r}; known: {', '.join(ENERGY_UNITS)}"
        )
    molecules, sha256 = _read(path)
    kcal = np.array([_energy(m, energy_key) for m in molecules]) * ENERGY_UNITS[energy_unit]
    folds = _folds(molecules, fold_key)
    if folds is None:
        folds = stratified_folds(kcal, seed)
    dataset = _dataset(name, molecules, kcal, folds)
    check_dataset(dataset, NUMBER_OF_FOLDS, places=_places(molecules))
    return dataset, {"file": path.name, "sha256": sha256}


def load_molecules(path: Path) -> Dataset:
    """Load molecules to predict, from extended or plain XYZ; energies are NaN and folds zero.

    Raises
    ------
    DataSetError, GeometryError
        As `load_extended_xyz`; and if the path is no file but SMILES or InChI.
    """
    notation = None if path.exists() else notation_of(str(path))
    if notation:
        raise needs_a_geometry(str(path), notation, is_file=False)
    molecules, _ = _read(path)
    n = len(molecules)
    dataset = _dataset(path.stem, molecules, np.full(n, np.nan), np.zeros(n, dtype=np.int64))
    return check_dataset(dataset, places=_places(molecules))


def _dataset(
    name: str,
    molecules: list[_Molecule],
    energies: NDArray[np.float64],
    folds: NDArray[np.int64],
) -> Dataset:
    charges, positions = pad([(m.charges, m.positions) for m in molecules])
    return Dataset(name, np.arange(len(molecules)), charges, positions, energies, folds)


def _places(molecules: list[_Molecule]) -> Callable[[int], str]:
    return lambda i: molecules[i].frame.place()


def _read(path: Path) -> tuple[list[_Molecule], str]:
    """Molecules of a file and its checksum; what was not taken literally is logged."""
    text = read_text_file(path)
    molecules = [_molecule(frame) for frame in frames_of(text)]
    _refuse_atom_types(molecules)
    for chosen, what in (
        ([m for m in molecules if m.heavy_hydrogen], "deuterium or tritium is read as hydrogen"),
        (
            [m for m in molecules if m.periodic],
            "a periodic cell is left out and the molecule taken as isolated "
            f"({sum(m.moved for m in molecules)} crossed a boundary and were made whole)",
        ),
    ):
        if chosen:
            logger.warning(
                "warning: %s: %s in %d molecules", chosen[0].frame.place(), what, len(chosen)
            )
    return molecules, text.sha256


def _molecule(frame: Frame) -> _Molecule:
    try:
        comment = parse_comment(frame.comment)
        properties = comment.reserved("Properties")
        cell = periodic_cell(comment)
    except DataSetError as error:
        raise DataSetError(f"{frame.comment_place}: {error}") from error
    atoms = atoms_of(frame, properties)
    positions = atoms.positions
    if cell is not None:
        try:
            positions = whole_positions(atoms.charges, positions, cell)
        except UserError as error:
            raise type(error)(f"{frame.place()}: {error}") from error
    return _Molecule(
        frame,
        comment,
        atoms.charges,
        positions,
        atoms.numbered,
        atoms.heavy_hydrogen,
        periodic=cell is not None,
        moved=positions is not atoms.positions,
    )


def _refuse_atom_types(molecules: list[_Molecule]) -> None:
    """Refuse numbers in the place of symbols that count from 1 and so may be types of atoms."""
    numbered = [m for m in molecules if m.numbered]
    numbers = sorted({int(z) for m in numbered for z in m.charges})
    if numbers and numbers == list(range(1, len(numbers) + 1)):
        raise DataSetError(
            f"{numbered[0].frame.atom_place(0)}: the elements are given as "
            f"{', '.join(map(str, numbers))}, which may be atomic numbers or types of atoms; write "
            "symbols, or Properties=Z:I:1:pos:R:3 in the comment line if they are atomic numbers"
        )


def _energy(molecule: _Molecule, key: str) -> float:
    try:
        return molecule.comment.number(key)
    except DataSetError as error:
        raise DataSetError(
            f"{molecule.frame.comment_place}: {error}. The key of the energy is set by "
            "datasets.<name>.energy in config.yaml"
        ) from error


def _folds(molecules: list[_Molecule], fold_key: str | None) -> NDArray[np.int64] | None:
    """Folds (n,) that the file gives, or None where it gives none and none are asked for."""
    key = DEFAULT_FOLD_KEY if fold_key is None else fold_key
    given = [m.comment.has(key) for m in molecules]
    if not any(given):
        if fold_key is None:
            return None
        _refuse_absent_folds(molecules, key)
    if not all(given):
        place = molecules[given.index(False)].frame.comment_place
        raise DataSetError(f"{place}: no key {key!r}, but other molecules have one")
    return np.array([_fold(m, key) for m in molecules], dtype=np.int64)


def _refuse_absent_folds(molecules: list[_Molecule], key: str) -> None:
    found = dict.fromkeys(shown(k) for m in molecules for k, v in m.comment.pairs.items() if v)
    raise DataSetError(
        f"{molecules[0].frame.source}: no molecule has the key {key!r}; keys found: "
        f"{shown(', '.join(found), 200) or 'none'}; leave `fold` out of the settings to have folds "
        "drawn"
    )


def _fold(molecule: _Molecule, key: str) -> int:
    place = molecule.frame.comment_place
    try:
        value = molecule.comment.number(key)
    except DataSetError as error:
        raise DataSetError(f"{place}: {error}") from error
    if not 0 <= value < NUMBER_OF_FOLDS or value != int(value):
        raise DataSetError(
            f"{place}: folds must be integers from 0 to {NUMBER_OF_FOLDS - 1}; found "
            f"{key}={shown(molecule.comment.value(key), 20)}"
        )
    return int(value)
