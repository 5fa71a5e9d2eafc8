"""Predictions for molecules of ASE: `qm7bench.predict`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset, check_dataset, pad
from qm7bench.datasets.periodic_cells import whole_positions
from qm7bench.errors import DataSetError, GeometryError
from qm7bench.shipped.choice import chosen_for, in_words, load_shipped

if TYPE_CHECKING:
    from ase import Atoms

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PredictedEnergies:
    """Atomization energies of n molecules, in their order.

    Attributes
    ----------
    energies : float64 array of shape (n,)
        In kcal/mol, negative for bound molecules; NaN where there is none.
    lower, upper : float64 arrays of shape (n,)
        Ends of the 90 % prediction intervals, in kcal/mol.
    warnings : list of str
        Why a molecule has no energy, or is unlike those that the model was fitted to; empty where
        nothing is to be said.
    model : str
        Name of the model.
    about : str
        What its energies are, the geometry that it expects and its error.
    """

    energies: Floats
    lower: Floats
    upper: Floats
    warnings: list[str]
    model: str
    about: str


def predict(atoms: Atoms | Iterable[Atoms], model: str | None = None) -> PredictedEnergies:
    """Predict atomization energies with a model that ships with the package.

    Parameters
    ----------
    atoms : ase.Atoms or several
        Molecules, coordinates in Angstrom. A periodic cell must hold just one molecule, which is
        taken as isolated.
    model : str, optional
        "qm7" or "qm9"; by default the one that knows the elements of most of the molecules. All
        molecules are predicted by the same. "qm7_gfn2_xtb" and "qm9_gfn2_xtb" err less, and need
        tblite.

    Returns
    -------
    PredictedEnergies

    Raises
    ------
    DataSetError, GeometryError
        If there are no molecules, or one has no atoms or atoms that coincide.
    ArtefactError
        If the model is not in this package, or damaged.
    MissingPackageError
        If the model needs a package that is not installed.

    Examples
    --------
    >>> from ase.build import molecule
    >>> import qm7bench
    >>> found = qm7bench.predict([molecule("CH4"), molecule("C2H6")], model="qm7")
    >>> found.energies.round()
    array([-418., -712.])
    """
    several = [atoms] if hasattr(atoms, "numbers") else atoms
    molecules = dataset_of(cast("Iterable[Atoms]", several))
    fitted = load_shipped(chosen_for(molecules) if model is None else model)
    found = fitted.predict(molecules)
    assert found.half_widths is not None  # a shipped model always has intervals
    return PredictedEnergies(
        found.energies,
        found.energies - found.half_widths,
        found.energies + found.half_widths,
        found.warnings,
        fitted.description["name"],
        "\n".join(in_words(fitted)),
    )


def dataset_of(molecules: Iterable[Atoms]) -> Dataset:
    """Data set of molecules of ASE, without energies.

    Raises
    ------
    DataSetError, GeometryError
        As `predict`.
    """
    read = [_atoms_of(i, atoms) for i, atoms in enumerate(molecules)]
    if not read:
        raise DataSetError("no molecules to predict; give at least one")
    charges, positions = pad(read)
    n = len(read)
    dataset = Dataset(
        "atoms", np.arange(n), charges, positions, np.full(n, np.nan), np.zeros(n, dtype=np.int64)
    )
    return check_dataset(dataset, places=lambda i: f"molecule {i}")


def _atoms_of(number: int, atoms: Atoms) -> tuple[NDArray[np.int64], Floats]:
    """Nuclear charges (a,) and positions (a, 3) of one molecule, made whole."""
    if not hasattr(atoms, "numbers") or not hasattr(atoms, "positions"):
        raise DataSetError(
            f"molecule {number} is of the type {type(atoms).__name__}; give ase.Atoms, as "
            "ase.io.read returns them"
        )
    charges = np.asarray(atoms.numbers, dtype=np.int64)
    positions = np.asarray(atoms.positions, dtype=np.float64)
    if (charges == 0).any():
        raise DataSetError(f"molecule {number} has a dummy atom (X); remove it")
    periodic = np.asarray(atoms.pbc, dtype=bool)
    if periodic.any():
        try:
            positions = whole_positions(charges, positions, (np.array(atoms.cell), periodic))
        except GeometryError as error:
            raise GeometryError(f"molecule {number}: {error}") from error
    return charges, positions
