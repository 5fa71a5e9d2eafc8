"""Reactions between molecules of a data set, found by their bonds, the same in every run.

Isodesmic reactions A + B -> C + D keep the number of bonds of each kind (pair of elements and
order, bonds to hydrogen too): Hehre, Ditchfield, Radom & Pople, J. Am. Chem. Soc. 92, 4796 (1970).
Hydrogenations A + n H2 -> B add hydrogen to multiple bonds and leave all else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.bond_orders import Kind, bond_orders
from qm7bench.chemistry.skeletons import Skeleton, hydrogenates_to, skeleton
from qm7bench.datasets.dataset import Dataset

Integers = NDArray[np.int64]
MOST = 10_000
"""Reactions of each type, at most."""
MOST_OF_A_MOLECULE = 20
"""Reactions of each type that a molecule is in, at most: methane would be in very many."""
DRAWS = 400_000
"""Pairs of molecules that are looked at for isodesmic reactions."""
LARGEST_HASH = 2**60
SEED = 1970


@dataclass(frozen=True)
class Reactions:
    """Reactions of one type.

    Attributes
    ----------
    reactants, products : int arrays of shape (r, k)
        Indices of molecules in the data set; k is 2 for isodesmic reactions, 1 for hydrogenations.
    hydrogen : int array of shape (r,)
        Molecules of H2 that react besides.
    """

    reactants: Integers
    products: Integers
    hydrogen: Integers

    @property
    def molecules(self) -> Integers:
        """All molecules of each reaction, shape (r, 2 k)."""
        return np.hstack([self.reactants, self.products])

    def differences(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum over products - sum over reactants of values (n,) of the molecules, shape (r,)."""
        return np.asarray(values[self.products].sum(axis=1) - values[self.reactants].sum(axis=1))


@dataclass(frozen=True)
class Bonded:
    """What reactions are told by, of the molecules whose bond orders are certain.

    Attributes
    ----------
    indices : int array of shape (m,)
        Of these molecules in the data set.
    kinds : int array of shape (m, t)
        Numbers of bonds of each kind.
    skeletons : list of Skeleton
    heavy, hydrogens : int arrays of shape (m,)
        Numbers of atoms.
    """

    indices: Integers
    kinds: Integers
    skeletons: list[Skeleton]
    heavy: Integers
    hydrogens: Integers

    @classmethod
    def of(cls, dataset: Dataset) -> Bonded:
        """Find the bonds of all molecules."""
        indices, skeletons, counted = [], [], []
        columns: dict[Kind, int] = {}
        for i, (charges, positions) in enumerate(
            zip(dataset.charges, dataset.positions, strict=True)
        ):
            orders = bond_orders(charges, positions)
            if orders is not None:
                indices.append(i)
                skeletons.append(skeleton(charges, orders))
                counted.append(orders.kinds)
                for kind in orders.kinds:
                    columns.setdefault(kind, len(columns))
        kinds = np.zeros((len(indices), len(columns)), dtype=np.int64)
        for line, own in zip(kinds, counted, strict=True):
            for kind, number in own.items():
                line[columns[kind]] = number
        chosen = np.array(indices, dtype=np.int64)
        heavy = np.count_nonzero(dataset.charges[chosen] > 1, axis=1)
        hydrogens = np.count_nonzero(dataset.charges[chosen] == 1, axis=1)
        return cls(chosen, kinds, skeletons, heavy, hydrogens)


def isodesmic_reactions(molecules: Bonded) -> Reactions:
    """Reactions of two molecules to two others that keep the number of bonds of each kind.

    Pairs of molecules are drawn so that each number of heavy atoms of both is equally frequent, and
    pairs with the same bonds react to each other. Where A and C, or A and D, have the same bonds,
    the reaction is but two isomerisations, and is left out.
    """
    rng = np.random.default_rng(SEED)
    pairs = _drawn_pairs(molecules.heavy, rng)
    # A sum of integers as hash: it is the same for two pairs with the same bonds.
    weights = rng.integers(-LARGEST_HASH, LARGEST_HASH, molecules.kinds.shape[1])
    hashes = molecules.kinds @ weights
    sums = hashes[pairs].sum(axis=1)
    order = np.argsort(sums, kind="stable")
    same = np.flatnonzero(sums[order][1:] == sums[order][:-1])
    found = np.hstack([pairs[order[same]], pairs[order[same + 1]]])
    a, b, c, d = found.T
    kinds = molecules.kinds
    keeps_bonds = (kinds[a] + kinds[b] == kinds[c] + kinds[d]).all(axis=1)
    trivial = (hashes[a] == hashes[c]) | (hashes[a] == hashes[d])
    found = found[keeps_bonds & ~trivial]
    size = molecules.heavy[found[:, :2]].sum(axis=1)
    found = found[fair_choice(found, size, rng)]
    return _reactions(molecules, found, np.zeros(len(found), dtype=np.int64))


def _drawn_pairs(heavy: Integers, rng: np.random.Generator) -> Integers:
    """Distinct pairs of molecules in random order, shape (p, 2), of all sizes of both together."""
    sizes = np.unique(heavy)
    combined = np.array([(a, b) for a in sizes for b in sizes])
    totals, inverse, counts = np.unique(
        combined.sum(axis=1), return_inverse=True, return_counts=True
    )
    drawn = combined[rng.choice(len(combined), DRAWS, p=1 / (len(totals) * counts[inverse]))]
    pairs = np.empty((DRAWS, 2), dtype=np.int64)
    for size in sizes:
        own = drawn == size
        pairs[own] = rng.choice(np.flatnonzero(heavy == size), own.sum())
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    return rng.permutation(pairs[pairs[:, 0] < pairs[:, 1]])


def hydrogenations(molecules: Bonded) -> Reactions:
    """Reactions of a molecule and n H2 to another of the same skeleton of heavy atoms."""
    rng = np.random.default_rng(SEED)
    found = np.array(list(_hydrogenations(molecules)), dtype=np.int64).reshape(-1, 2)
    found = found[fair_choice(found, molecules.heavy[found[:, 0]], rng)]
    added = molecules.hydrogens[found[:, 1]] - molecules.hydrogens[found[:, 0]]
    return _reactions(molecules, found, added // 2)


def _hydrogenations(molecules: Bonded) -> Iterator[tuple[int, int]]:
    """Every pair of a molecule and one that it is hydrogenated to."""
    groups: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for k, own in enumerate(molecules.skeletons):
        groups[own.key].append(k)
    for group in groups.values():
        numbers = molecules.hydrogens[group]
        for a, b in np.argwhere(numbers[:, None] < numbers[None, :]).tolist():
            one, other = group[a], group[b]
            if hydrogenates_to(molecules.skeletons[one], molecules.skeletons[other]):
                yield one, other


def fair_choice(reactions: Integers, sizes: Integers, rng: np.random.Generator) -> Integers:
    """Indices of at most `MOST` reactions, as many of each size as there are.

    Each size in turn gives one at random, unless one of its molecules is in `MOST_OF_A_MOLECULE`
    chosen ones already.

    Parameters
    ----------
    reactions : int array of shape (r, k)
        Molecules of each.
    sizes : int array of shape (r,)
    """
    order = rng.permutation(len(reactions))
    waiting = [iter(order[sizes[order] == size].tolist()) for size in np.unique(sizes)]
    uses: defaultdict[int, int] = defaultdict(int)
    chosen: list[int] = []
    while waiting and len(chosen) < MOST:
        left = []
        for own in waiting[: MOST - len(chosen)]:
            found = next((k for k in own if _rare(reactions[k].tolist(), uses)), None)
            if found is not None:
                chosen.append(found)
                left.append(own)
        waiting = left
    return np.array(chosen, dtype=np.int64)


def _rare(molecules: list[int], uses: defaultdict[int, int]) -> bool:
    """Whether a reaction may be chosen; counts its molecules if so."""
    if any(uses[molecule] >= MOST_OF_A_MOLECULE for molecule in molecules):
        return False
    for molecule in molecules:
        uses[molecule] += 1
    return True


def _reactions(molecules: Bonded, found: Integers, hydrogen: Integers) -> Reactions:
    """Reactions with the data set's indices; half of each line are reactants."""
    half = found.shape[1] // 2
    own = molecules.indices[found]
    return Reactions(own[:, :half], own[:, half:], hydrogen)
