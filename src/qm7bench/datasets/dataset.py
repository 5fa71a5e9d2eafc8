"""The one object that every data set becomes: molecules with energies and folds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.distances import pair_distances
from qm7bench.chemistry.elements import formula
from qm7bench.chemistry.size import Size
from qm7bench.errors import DataSetError, GeometryError, counted
from qm7bench.tally import Tally

logger = logging.getLogger(__name__)

SMALLEST_DISTANCE = 0.3
"""Two nuclei nearer than this (in Angstrom) are an error of the file; H2 has 0.74."""

MOLECULES_AT_ONCE = 4096
PAIRS_AT_ONCE = 2**22
"""Bounds of what is handled at a time where all pairs of atoms are looked at: about 250 MB."""


@dataclass(frozen=True)
class Dataset:
    """Molecules, their atomization energies and their folds.

    Attributes
    ----------
    name : str
        Name of the data set, part of every path.
    ids : int64 array of shape (n,)
        The data set's own numbers; for qm7 the index in `qm7.mat`, from 0.
    charges : int64 array of shape (n, A)
        Nuclear charges, the atoms first and then zeros as padding.
    positions : float64 array of shape (n, A, 3)
        Coordinates in Angstrom; zero where padded.
    energies : float64 array of shape (n,)
        Atomization energies in kcal/mol, negative for bound molecules. NaN where unknown, which
        only molecules to predict may have.
    folds : int64 array of shape (n,)
        Fold in which the molecule is a test molecule.
    baseline : float64 array of shape (n,), optional
        Energies of a cheaper method in kcal/mol, which models learn to correct.
    """

    name: str
    ids: NDArray[np.int64]
    charges: NDArray[np.int64]
    positions: NDArray[np.float64]
    energies: NDArray[np.float64]
    folds: NDArray[np.int64]
    baseline: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.charges)

    def __getitem__(self, indices: Any) -> Dataset:
        """Return the molecules of a slice, an index array or a boolean mask."""
        return replace(
            self,
            ids=self.ids[indices],
            charges=self.charges[indices],
            positions=self.positions[indices],
            energies=self.energies[indices],
            folds=self.folds[indices],
            baseline=None if self.baseline is None else self.baseline[indices],
        )

    @property
    def targets(self) -> NDArray[np.float64]:
        """What models learn: energies (n,) in kcal/mol, minus the baseline where there is one."""
        return self.energies if self.baseline is None else self.energies - self.baseline

    def restored(self, predictions: NDArray[np.float64], indices: Any = ...) -> NDArray[np.float64]:
        """Energies (..., n) of the molecules at `indices` from their predicted targets."""
        return predictions if self.baseline is None else predictions + self.baseline[indices]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of atoms of each molecule, shape (n,)."""
        return np.asarray(np.count_nonzero(self.charges, axis=1))

    @property
    def elements(self) -> list[int]:
        """Nuclear charges that occur, in ascending order."""
        return [int(z) for z in np.unique(self.charges) if z > 0]

    def formulas(self) -> list[str]:
        """Molecular formula of each molecule in Hill order."""
        return [formula(charges) for charges in self.charges]


def parts_of(
    dataset: Dataset,
    pairs: int = PAIRS_AT_ONCE,
    molecules: int = MOLECULES_AT_ONCE,
    trimmed: bool = True,
) -> Iterator[tuple[slice, Dataset]]:
    """Consecutive parts of a data set, so that memory follows its pairs of atoms.

    Parameters
    ----------
    pairs : int
        Most entries (molecules x atoms x atoms) of a part, padding counted; a molecule that has
        more is a part by itself.
    molecules : int
        Most molecules of a part.
    trimmed : bool
        Whether a part is padded to its own largest molecule instead of the data set's.

    Yields
    ------
    tuple of slice and Dataset
        Which molecules, and they.
    """
    sizes = dataset.sizes if trimmed else np.full(len(dataset), dataset.charges.shape[1])
    tally = Tally(len(dataset), logger)
    start, largest = 0, 0
    for stop, size in enumerate(sizes.tolist()):
        grown = max(largest, size)
        full = stop - start == molecules or (stop - start + 1) * grown**2 > pairs
        if full and stop > start:
            yield slice(start, stop), _trimmed(dataset[start:stop], largest)
            tally.add(stop - start)
            start, grown = stop, size
        largest = grown
    if start < len(dataset):
        yield slice(start, len(dataset)), _trimmed(dataset[start:], largest)


def largest_part(size: Size, pairs: int = PAIRS_AT_ONCE, molecules: int = MOLECULES_AT_ONCE) -> int:
    """Entries (molecules x atoms x atoms) of the largest of `parts_of`, at most."""
    return max(size.largest**2, min(pairs, min(molecules, size.molecules) * size.largest**2))


def _trimmed(dataset: Dataset, atoms: int) -> Dataset:
    """Data set with its padding cut to this number of atoms; arrays are views."""
    return replace(
        dataset, charges=dataset.charges[:, :atoms], positions=dataset.positions[:, :atoms]
    )


def check_dataset(
    dataset: Dataset,
    number_of_folds: int | None = None,
    places: Callable[[int], str] | None = None,
) -> Dataset:
    """Return the data set if every molecule can be used.

    Parameters
    ----------
    number_of_folds : int, optional
        Folds that the labels must form; without it, folds and energies are not looked at.
    places : callable, optional
        How a message names the molecule at an index: by its id if not given.

    Raises
    ------
    DataSetError
        If an energy is not finite, charges are negative or padded in the middle, or there are
        fewer molecules than folds.
    GeometryError
        If a coordinate is not finite or two atoms coincide.
    """
    place = places or (lambda i: f"{dataset.name}: molecule {int(dataset.ids[i])}")
    _check_charges(dataset, place)
    if number_of_folds is not None:
        _check_energies(dataset, place)
        _check_folds(dataset, number_of_folds, place)
    _check_geometries(dataset, place)
    return dataset


def _check_charges(dataset: Dataset, place: Callable[[int], str]) -> None:
    if len(dataset) == 0:
        raise DataSetError(f"{dataset.name}: no molecules")
    real = dataset.charges > 0
    for broken, what in (
        ((dataset.charges < 0).any(axis=1), "has a negative nuclear charge"),
        (~real.any(axis=1), "has no atoms"),
        ((real[:, 1:] & ~real[:, :-1]).any(axis=1), "has padding before its last atom"),
    ):
        if broken.any():
            raise DataSetError(f"{place(int(np.argmax(broken)))} {what}")


def _check_energies(dataset: Dataset, place: Callable[[int], str]) -> None:
    broken = ~np.isfinite(dataset.energies)
    if broken.any():
        raise DataSetError(
            f"{place(int(np.argmax(broken)))} has no finite energy ("
            f"{counted(int(broken.sum()), 'such molecule')}); remove them or give their energies"
        )


def _check_folds(dataset: Dataset, number_of_folds: int, place: Callable[[int], str]) -> None:
    allowed = f"folds must be 0 to {number_of_folds - 1}"
    if len(dataset) < number_of_folds:
        be = "is" if len(dataset) == 1 else "are"
        raise DataSetError(
            f"{dataset.name}: {counted(len(dataset), 'molecule')} {be} fewer than "
            f"{number_of_folds} folds; "
            "give more molecules"
        )
    outside = (dataset.folds < 0) | (dataset.folds >= number_of_folds)
    if outside.any():
        first = int(np.argmax(outside))
        raise DataSetError(f"{place(first)} is in fold {dataset.folds[first]}; {allowed}")
    sizes = np.bincount(dataset.folds, minlength=number_of_folds)
    if (sizes == 0).any():
        raise DataSetError(
            f"{dataset.name}: {allowed} with molecules in each; found sizes {sizes.tolist()}"
        )


def constant_energies(dataset: Dataset) -> str | None:
    """Warning for molecules whose energies are all equal although their numbers of atoms are not.

    Atomization energies grow with the atoms. Models that add up energies of atoms, local kernels
    and networks, cannot tell apart what is equal for few and many atoms: their errors are large.
    """
    if np.ptp(dataset.energies) > 0 or np.ptp(dataset.sizes) == 0:
        return None
    return (
        f"{dataset.name}: the energies of all {counted(len(dataset), 'molecule')} are "
        f"{dataset.energies[0]:g} kcal/mol, whatever their numbers of atoms; atomization energies "
        "grow with them, and models that add up energies of atoms cannot learn a constant: does "
        "`energy` name the right key?"
    )


def _check_geometries(dataset: Dataset, place: Callable[[int], str]) -> None:
    broken = ~np.isfinite(dataset.positions).all(axis=(1, 2))
    if broken.any():
        where = place(int(np.argmax(broken)))
        raise GeometryError(f"{where} has a coordinate that is not finite")
    for indices, part in parts_of(dataset):
        distances = pair_distances(part.charges, part.positions)
        close = distances < SMALLEST_DISTANCE
        if close.any():
            molecule, i, j = (int(k[0]) for k in np.nonzero(close))
            raise GeometryError(
                f"{place(indices.start + molecule)}: atoms {i} and {j} are "
                f"{distances[molecule, i, j]:.3f} Angstrom apart; at least {SMALLEST_DISTANCE} "
                "is needed: is the file in Angstrom?"
            )


def pad(
    molecules: list[tuple[NDArray[np.int64], NDArray[np.float64]]], atoms: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Stack molecules of different sizes into zero-padded arrays (n, A) and (n, A, 3).

    Raises
    ------
    DataSetError
        If a molecule has more atoms than the given padding.
    """
    largest = max((len(charges) for charges, _ in molecules), default=0)
    size = atoms if atoms is not None else largest
    if largest > size:
        where = next(i for i, (charges, _) in enumerate(molecules) if len(charges) > size)
        raise DataSetError(
            f"molecule {where} has {len(molecules[where][0])} atoms, more than the {size} that the "
            "padding holds; raise the padding or leave the molecule out"
        )
    all_charges = np.zeros((len(molecules), size), dtype=np.int64)
    all_positions = np.zeros((len(molecules), size, 3))
    for i, (charges, positions) in enumerate(molecules):
        all_charges[i, : len(charges)] = charges
        all_positions[i, : len(charges)] = positions
    return all_charges, all_positions


def repadded(dataset: Dataset, atoms: int) -> Dataset:
    """Return the data set with every molecule padded to this number of atoms.

    Raises
    ------
    DataSetError
        If a molecule has more.
    """
    molecules = [
        (charges[:size], positions[:size])
        for charges, positions, size in zip(
            dataset.charges, dataset.positions, dataset.sizes, strict=True
        )
    ]
    charges, positions = pad(molecules, atoms)
    return replace(dataset, charges=charges, positions=positions)
