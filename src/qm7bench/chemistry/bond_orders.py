"""Bond orders of a molecule from its geometry alone: multiple bonds that use up every valence.

Two atoms are bonded when they are near (`bonds`); where an atom has more neighbours than valences,
as across the cage of bicyclo[1.1.1]pentane, its longest bonds are left out. The valences that an
atom has besides are shared out to multiple bonds with neighbours that have some too: a perfect
matching of the unsaturated atoms. Kekulé structures of an aromatic ring are such matchings, and
mostly have the same numbers of bonds of each kind. Molecules without a matching (charges, radicals,
nitro groups, sulfoxides) or with several that differ in these numbers have no certain bond orders.

RDKit's structures of QM9's SMILES agree for all uncharged molecules that have certain ones: the
tests compare them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from qm7bench.chemistry.bonds import bonds

Floats = NDArray[np.float64]
Bond = tuple[int, int]
Kind = tuple[int, int, int]
"""Nuclear charges of both atoms, the smaller first, and the order."""
VALENCES = {1: 1, 6: 4, 7: 3, 8: 2, 9: 1, 16: 2, 17: 1}
MOST_STRUCTURES = 1000
"""Structures that are looked at, at most: fused rings have many."""


@dataclass(frozen=True)
class BondOrders:
    """One structure of a molecule, its atoms numbered as in the data set.

    Attributes
    ----------
    orders : dict
        Order, 1 to 3, of each bond, a pair of atoms with the smaller number first.
    kinds : dict
        Number of bonds of each kind.
    """

    orders: dict[Bond, int]
    kinds: dict[Kind, int]


def bond_orders(charges: NDArray[np.int64], positions: Floats) -> BondOrders | None:
    """Bond orders of a molecule, or None where they are not certain.

    They are not where an atom's valence is unknown or exceeded, the molecule is in pieces, no
    structure uses up all valences, or structures differ in their numbers of bonds of each kind.

    Parameters
    ----------
    charges : int array of shape (A,)
        May be padded with zeros.
    positions : float64 array of shape (A, 3)
        In Angstrom.
    """
    real = charges > 0
    elements, positions = charges[real].tolist(), positions[real]
    if not set(elements) <= VALENCES.keys():
        return None
    pairs, missing = _bonds_within_valences(elements, positions)
    if not _connected(len(elements), pairs):
        return None
    found: BondOrders | None = None
    for number, extra in enumerate(_matchings(missing, pairs)):
        orders = {pair: 1 + extra.get(pair, 0) for pair in pairs}
        kinds = Counter((*sorted((elements[i], elements[j])), n) for (i, j), n in orders.items())
        if number == MOST_STRUCTURES or (found is not None and found.kinds != kinds):
            return None
        found = found or BondOrders(orders, dict(kinds))
    return found


def _bonds_within_valences(elements: list[int], positions: Floats) -> tuple[list[Bond], list[int]]:
    """Bonds without the longest ones of atoms that have too many; free valences of each atom."""
    pairs = bonds(np.array(elements), positions)
    missing = [VALENCES[element] for element in elements]
    for i, j in pairs:
        missing[i] -= 1
        missing[j] -= 1
    if min(missing) < 0:
        radii = covalent_radii[elements]
        length = {
            (i, j): np.linalg.norm(positions[i] - positions[j]) / (radii[i] + radii[j])
            for i, j in pairs
        }
        for i, j in sorted(pairs, key=lambda pair: -length[pair]):
            if missing[i] < 0 or missing[j] < 0:
                pairs.remove((i, j))
                missing[i] += 1
                missing[j] += 1
    return pairs, missing


def _connected(atoms: int, pairs: list[Bond]) -> bool:
    near: list[list[int]] = [[] for _ in range(atoms)]
    for i, j in pairs:
        near[i].append(j)
        near[j].append(i)
    reached, waiting = {0}, [0]
    while waiting:
        new = set(near[waiting.pop()]) - reached
        reached |= new
        waiting += new
    return len(reached) == atoms


def _matchings(missing: list[int], pairs: list[Bond]) -> Iterator[dict[Bond, int]]:
    """Ways to share out the missing valences: what is added to bonds, at most two to each."""
    waiting = [atom for atom, number in enumerate(missing) if number]
    if not waiting:
        yield {}
        return
    open_bonds: dict[int, list[Bond]] = {atom: [] for atom in waiting}
    for i, j in pairs:
        if missing[i] and missing[j]:
            open_bonds[i].append((i, j))
            open_bonds[j].append((i, j))
    # The atom with the fewest choices first, so that chains have no choice at all.
    atom = min(waiting, key=lambda k: len(open_bonds[k]))
    yield from _shared_out(atom, open_bonds[atom], missing, pairs)


def _shared_out(
    atom: int, own: list[Bond], missing: list[int], pairs: list[Bond]
) -> Iterator[dict[Bond, int]]:
    """Ways in which one atom's missing valences go to its own bonds, and then the others'."""
    if not own:
        if not missing[atom]:
            yield from _matchings(missing, pairs)
        return
    (i, j), *rest = own
    other = j if i == atom else i
    for extra in range(min(missing[atom], missing[other], 2) + 1):
        left = list(missing)
        left[atom] -= extra
        left[other] -= extra
        for further in _shared_out(atom, rest, left, pairs):
            yield {**further, (i, j): extra} if extra else further
