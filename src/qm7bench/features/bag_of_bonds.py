"""Bag of bonds: entries of the Coulomb matrix, sorted within bags of the same elements."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import coulomb_matrices
from qm7bench.chemistry.elements import CHARGES, SYMBOLS
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import MOLECULES_AT_ONCE, Dataset, parts_of
from qm7bench.errors import ModelError
from qm7bench.features._chunks import memory_of_chunks
from qm7bench.features.interface import Feature
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of

Bags = dict[tuple[int, ...], int]
"""Size of each bag, by its one or two nuclear charges."""


@dataclass(frozen=True)
class BagOfBonds(Feature):
    """Coulomb matrix entries in one bag for each element and each pair of elements, in Hartree.

    The bag of element Z holds 0.5 Z**2.4 for each of its atoms; the bag of elements Z <= Z' holds
    Z Z' / |R_i - R_j| (atomic units) of its pairs of atoms, bonded or not, in descending order and
    padded with 0 to the bag's size. `bags` ("H:4 C:1 H-H:6 H-C:4") fixes sizes and columns; without
    it each bag holds the largest number that a molecule of the data set has. Invariant to rotation,
    translation and the order of the atoms.

    References
    ----------
    Hansen et al., J. Phys. Chem. Lett. 6, 2326 (2015).
    """

    units: ClassVar[str] = "Hartree"
    layout: ClassVar[str] = "tabular"

    bags: str = ""

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`, with bags for the most atoms of every element at once."""
        bags = _read(self.bags) if self.bags else _bags_for(size.most)
        return {"values": Shape((size.molecules, sum(bags.values())))}

    def working_memory(self, size: Size) -> int:
        """Coulomb matrices of some molecules at a time, and the bags that are filled from them."""
        some = nbytes_of(self.shapes(size.part(MOLECULES_AT_ONCE)))
        return 2 * some + memory_of_chunks(size, 0)

    def pinned(self, dataset: Dataset) -> BagOfBonds:
        """Return the feature with its columns fixed to those of this data set."""
        return BagOfBonds(self.bags or _written(_largest_bags(dataset)))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, d), bag by bag.

        Raises
        ------
        ModelError
            If a molecule has more atoms or pairs of some elements than their bag holds.
        """
        needed = _largest_bags(dataset)
        bags = _read(self.bags) if self.bags else needed
        for bag, size in needed.items():
            if size > bags.get(bag, 0):
                raise ModelError(
                    f"bag of bonds: a molecule needs {size} entries in bag {_name(bag)}, which "
                    f"holds {bags.get(bag, 0)}; leave out such molecules"
                )
        values = np.zeros((len(dataset), sum(bags.values())))
        for molecules, part in parts_of(dataset):
            matrices = coulomb_matrices(part.charges, part.positions)
            filled = [_filled(part.charges, matrices, bag, size) for bag, size in bags.items()]
            values[molecules] = np.concatenate(filled, axis=1)
        return {"values": values}


def _largest_bags(dataset: Dataset) -> Bags:
    """Bags with the largest number of entries that any molecule has."""
    counts = {z: (dataset.charges == z).sum(axis=1) for z in dataset.elements}
    bags: Bags = {(z,): int(counts[z].max()) for z in counts}
    for a, b in itertools.combinations_with_replacement(counts, 2):
        pairs = counts[a] * counts[b] if a != b else counts[a] * (counts[a] - 1) // 2
        if pairs.any():
            bags[a, b] = int(pairs.max())
    return bags


def _bags_for(most: Mapping[int, int]) -> Bags:
    """Bags of a molecule that has the most atoms of every element at once."""
    bags: Bags = {(z,): number for z, number in most.items()}
    for (a, first), (b, second) in itertools.combinations_with_replacement(most.items(), 2):
        bags[a, b] = first * second if a != b else first * (first - 1) // 2
    return bags


def _name(bag: tuple[int, ...]) -> str:
    return "-".join(SYMBOLS[z] for z in bag)


def _written(bags: Bags) -> str:
    """Bags as text, for example `H:4 C:1 H-H:6 H-C:4`."""
    return " ".join(f"{_name(bag)}:{size}" for bag, size in bags.items())


def _read(text: str) -> Bags:
    pairs = (word.split(":") for word in text.split())
    return {tuple(CHARGES[s] for s in name.split("-")): int(size) for name, size in pairs}


def _filled(
    charges: NDArray[np.int64], matrices: NDArray[np.float64], bag: tuple[int, ...], size: int
) -> NDArray[np.float64]:
    """Entries of one bag in descending order, shape (n, size)."""
    if len(bag) == 1:
        diagonals = np.diagonal(matrices, axis1=1, axis2=2)
        entries = np.where(charges == bag[0], diagonals, 0.0)
    else:
        # Above the diagonal a pair of the same element stands once; of two elements the rows are
        # the first's and the columns the second's.
        wanted = (charges == bag[0])[:, :, None] & (charges == bag[1])[:, None, :]
        if bag[0] == bag[1]:
            wanted &= np.triu(np.ones(wanted.shape[1:], dtype=bool), k=1)
        entries = np.where(wanted, matrices, 0.0).reshape(len(charges), -1)
    values = np.zeros((len(charges), size))
    largest = -np.sort(-entries, axis=1)[:, :size]
    values[:, : largest.shape[1]] = largest
    return values
