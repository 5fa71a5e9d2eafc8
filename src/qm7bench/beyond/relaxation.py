"""Molecules relaxed by GFN2-xTB: geometries as a user makes them, who has not the data set's.

ASE's quasi-Newton optimiser on energies and forces of tblite, from the data set's geometry.

References
----------
Bannwarth, Ehlert & Grimme, J. Chem. Theory Comput. 15, 1652 (2019) for GFN2-xTB.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.units import KCAL_PER_MOL_PER_EV
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import DataSetError, GeometryError
from qm7bench.installation import naming_the_extra
from qm7bench.seeds import derived_seed

METHOD = "GFN2-xTB"
LARGEST_FORCE = 0.01
"""A geometry is relaxed when no atom feels a larger force, in eV/Angstrom."""
STEPS = 500

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Relaxation:
    """Molecules in their new geometries.

    Attributes
    ----------
    dataset : Dataset
        The m molecules that relaxed, with new positions (m, A, 3) in Angstrom and everything else
        as it was: the energies are those of the old geometries.
    energies : float64 array of shape (m,)
        By how much GFN2-xTB's own energy changed, in kcal/mol: negative.
    steps : int64 array of shape (m,)
        Steps of the optimiser.
    failed : list of int
        Ids of the molecules that did not relax: no self-consistent charges, or too many steps.
    """

    dataset: Dataset
    energies: Floats
    steps: NDArray[np.int64]
    failed: list[int]


def sampled_fold(dataset: Dataset, fold: int, molecules: int, seed: int) -> Dataset:
    """Draw test molecules of a fold at random, all of them if it has no more; in their order."""
    own = np.flatnonzero(dataset.folds == fold)
    rng = np.random.default_rng(derived_seed(dataset.name, "relaxed", fold, seed))
    return dataset[np.sort(rng.choice(own, min(molecules, len(own)), replace=False))]


def relaxed(dataset: Dataset, largest_force: float = LARGEST_FORCE) -> Relaxation:
    """Relax every molecule of a data set.

    Parameters
    ----------
    largest_force : float
        In eV/Angstrom, > 0.

    Raises
    ------
    GeometryError
        If the force is not a number > 0.
    DataSetError
        If no molecule relaxed.
    MissingPackageError
        If tblite is not installed.
    """
    if not largest_force > 0:
        raise GeometryError(f"a largest force of {largest_force} is not > 0; give eV/Angstrom")
    found = [
        _relaxed(charges[:size], positions[:size], largest_force)
        for charges, positions, size in zip(
            dataset.charges, dataset.positions, dataset.sizes, strict=True
        )
    ]
    there = np.array([one is not None for one in found])
    if not there.any():
        raise DataSetError(
            f"{dataset.name}: {METHOD} relaxed none of {len(dataset)} molecules; see whether it "
            "has parameters for their elements"
        )
    kept, known = dataset[there], [one for one in found if one is not None]
    positions = np.zeros_like(kept.positions)
    for i, one in enumerate(known):
        positions[i, : len(one[0])] = one[0]
    return Relaxation(
        replace(kept, positions=positions),
        np.array([one[1] for one in known]),
        np.array([one[2] for one in known]),
        dataset.ids[~there].tolist(),
    )


def _relaxed(
    charges: NDArray[np.int64], positions: Floats, largest_force: float
) -> tuple[Floats, float, int] | None:
    """Positions (a, 3), change of the energy in kcal/mol and steps; None where it failed."""
    from ase import Atoms
    from ase.calculators.calculator import CalculatorError
    from ase.optimize import BFGS

    with naming_the_extra():
        from tblite.ase import TBLite

    atoms: Any = Atoms(numbers=charges, positions=positions)
    atoms.calc = TBLite(method=METHOD, verbosity=0)
    optimiser: Any = BFGS(atoms, logfile=None)
    try:
        before = float(atoms.get_potential_energy())
        if not optimiser.run(fmax=largest_force, steps=STEPS):
            return None
        change = float(atoms.get_potential_energy()) - before
    except CalculatorError:
        return None
    return atoms.get_positions(), change * KCAL_PER_MOL_PER_EV, int(optimiser.nsteps)


def deviations(before: Dataset, after: Dataset) -> Floats:
    """Root-mean-square distance (n,) of the atoms of two geometries in Angstrom, hydrogens too.

    Each molecule is moved and turned to fit best: Kabsch, Acta Cryst. A 32, 922 (1976).
    """
    return np.array(
        [
            _deviation(one[:size], other[:size])
            for one, other, size in zip(
                before.positions, after.positions, before.sizes, strict=True
            )
        ]
    )


def _deviation(one: Floats, other: Floats) -> float:
    from scipy.spatial.transform import Rotation

    if len(one) == 1:
        return 0.0
    with warnings.catch_warnings():
        # A linear molecule fits as well however it is turned about its axis.
        warnings.filterwarnings("ignore", message="Optimal rotation is not uniquely")
        _, distance = Rotation.align_vectors(one - one.mean(axis=0), other - other.mean(axis=0))
    return float(distance / np.sqrt(len(one)))


def versions() -> dict[str, Any]:
    """Versions of the packages that relax."""
    from importlib import metadata

    return {name: metadata.version(name) for name in ("ase", "tblite")}
