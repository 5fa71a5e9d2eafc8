"""Skeletons of heavy atoms: which molecules share one, and which is the hydrogenated other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.bond_orders import BondOrders

ROUNDS = 4
"""Rounds of refinement: in most molecules of nine heavy atoms all atoms that differ are found."""


@dataclass(frozen=True)
class Skeleton:
    """Heavy atoms of a molecule and the bonds between them.

    Attributes
    ----------
    orders : list of dict
        Of each heavy atom, the orders of its bonds by neighbour.
    colours : tuple of int
        Equal for atoms that neither their element nor their surroundings tell apart; the same in
        every molecule, whatever the order of atoms and the bonds' orders.
    """

    orders: list[dict[int, int]]
    colours: tuple[int, ...]

    @property
    def key(self) -> tuple[int, ...]:
        """Equal for molecules of the same skeleton, and hardly ever for others."""
        return tuple(sorted(self.colours))


def skeleton(charges: NDArray[np.int64], orders: BondOrders) -> Skeleton:
    """Skeleton of a molecule; the charges (A,) may be padded with zeros."""
    heavy = np.flatnonzero(charges > 1).tolist()
    number = {atom: k for k, atom in enumerate(heavy)}
    near: list[dict[int, int]] = [{} for _ in heavy]
    for (i, j), order in orders.orders.items():
        if i in number and j in number:
            near[number[i]][number[j]] = order
            near[number[j]][number[i]] = order
    colours = [int(charges[atom]) for atom in heavy]
    for _ in range(ROUNDS):
        # Hashes of integers, unlike those of texts, are the same in every run.
        colours = [
            hash((own, *sorted(colours[j] for j in near[k]))) for k, own in enumerate(colours)
        ]
    return Skeleton(near, tuple(colours))


def hydrogenates_to(one: Skeleton, other: Skeleton) -> bool:
    """Whether adding hydrogen to multiple bonds of one molecule, and nothing else, gives the other.

    Their heavy atoms must match each other, with the same neighbours, so that no bond of the other
    has a higher order.
    """
    return one.key == other.key and _extends([], one, other)


def _extends(matched: Sequence[int], one: Skeleton, other: Skeleton) -> bool:
    """Whether a match of the first atoms of one with atoms of the other can be completed."""
    atom = len(matched)
    if atom == len(one.orders):
        return True
    before = {k: order for k, order in one.orders[atom].items() if k < atom}
    for candidate, colour in enumerate(other.colours):
        if colour != one.colours[atom] or candidate in matched:
            continue
        own = other.orders[candidate]
        bonded = {k for k in range(atom) if matched[k] in own}
        lower = bonded == before.keys() and all(own[matched[k]] <= before[k] for k in before)
        if lower and _extends([*matched, candidate], one, other):
            return True
    return False
