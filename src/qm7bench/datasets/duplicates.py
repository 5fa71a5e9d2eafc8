"""Molecules that stand several times in a data set.

Two molecules are the same here if they have the same elements and, for each pair of elements, the
same sorted distances, within a tolerance: then they differ by rotation, translation, reflection and
the order of atoms only, and no model that looks at geometry tells them apart. A copy in a training
fold makes the error of a test molecule meaningless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.datasets.dataset import PAIRS_AT_ONCE, Dataset

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE = 0.01
"""Largest difference of two molecules' sorted distances, in Angstrom."""

PAIRS_KEPT = 1000
"""Pairs that are listed at most; all are counted."""

SUMMARY = 12
"""Number of sorted distances, evenly spread, by which copies are searched."""


@dataclass(frozen=True)
class Duplicates:
    """Copies in a data set.

    Attributes
    ----------
    first : int64 array of shape (c,)
        Index of the molecule, the first of its copies, that each copy is the same as.
    copy : int64 array of shape (c,)
        Index of each molecule that came before.
    across_folds : bool array of shape (c,)
        Whether the molecule and its copies are in several folds.
    """

    first: Integers
    copy: Integers
    across_folds: NDArray[np.bool_]

    def metadata(self, dataset: Dataset) -> dict[str, Any]:
        """Counts and pairs by id, across folds first, for the data set's metadata."""
        order = np.argsort(~self.across_folds, kind="stable")[:PAIRS_KEPT]
        pairs = np.stack([dataset.ids[self.first], dataset.ids[self.copy]], axis=1)
        return {
            "tolerance_angstrom": TOLERANCE,
            "copies": len(self.copy),
            "molecules_in_several_folds": len(np.unique(self.first[self.across_folds])),
            "largest_energy_difference": self.largest_energy_difference(dataset),
            "pairs": pairs[order].tolist(),
        }

    def largest_energy_difference(self, dataset: Dataset) -> float:
        """Largest difference between the energies of copies, in kcal/mol; 0 without copies."""
        differences = np.abs(dataset.energies[self.first] - dataset.energies[self.copy])
        return float(differences.max(initial=0.0))

    def warning(self, dataset: Dataset) -> str | None:
        """One line on the copies across folds, or None if there are none."""
        several = np.unique(self.first[self.across_folds])
        if len(several) == 0:
            return None
        pair = int(np.argmax(self.across_folds))
        one, other = dataset.ids[self.first[pair]], dataset.ids[self.copy[pair]]
        stand = "stands" if len(several) == 1 else "stand"
        return (
            f"{dataset.name}: {len(several)} of {len(dataset)} molecules {stand} in several folds, "
            f"such as {one} and {other}: models are tested on copies of what they were trained on, "
            "and errors come out too small. In data of your own, leave the copies out or give them "
            "one fold"
        )


def duplicates_of(dataset: Dataset) -> Duplicates:
    """Find the copies in a data set; 130,000 molecules take about five seconds."""
    first, copy = [], []
    for members in _compositions(dataset):
        for one, others in _copies(_Isomers.of(dataset, members)):
            first += [members[one]] * len(others)
            copy += members[others].tolist()
    order = np.argsort(copy)
    firsts, copies = (np.array(each, dtype=np.int64)[order] for each in (first, copy))
    split = np.unique(firsts[dataset.folds[firsts] != dataset.folds[copies]])
    return Duplicates(firsts, copies, np.isin(firsts, split))


def _compositions(dataset: Dataset) -> list[Integers]:
    """Indices of the molecules of each composition that several share."""
    _, kinds = np.unique(np.sort(dataset.charges, axis=1), axis=0, return_inverse=True)
    order = np.argsort(kinds.reshape(-1), kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(kinds.reshape(-1)[order])) + 1)
    return [group for group in groups if len(group) > 1]


@dataclass(frozen=True)
class _Isomers:
    """Molecules of one composition, their atoms in the order of their charges.

    Attributes
    ----------
    positions : float64 array of shape (m, a, 3)
    blocks : list of index arrays
        For each pair of elements, which of the a * (a - 1) / 2 pairs of atoms are of it.
    """

    positions: Floats
    blocks: list[Integers]

    @classmethod
    def of(cls, dataset: Dataset, members: Integers) -> _Isomers:
        size = int(np.count_nonzero(dataset.charges[members[0]]))
        charges = dataset.charges[members, :size]
        order = np.argsort(charges, axis=1, kind="stable")
        ordered = np.take_along_axis(dataset.positions[members, :size], order[:, :, None], axis=1)
        first, second = np.triu_indices(size, k=1)
        sorted_charges = np.sort(charges[0])
        kinds = sorted_charges[first] * len(SYMBOLS) + sorted_charges[second]
        return cls(ordered, [np.flatnonzero(kinds == kind) for kind in np.unique(kinds)])

    def __len__(self) -> int:
        return len(self.positions)

    def sorted_distances(self, indices: Integers) -> Iterator[tuple[slice, Floats]]:
        """Distances (b, pairs) of some molecules, in parts, sorted for each pair of elements."""
        first, second = np.triu_indices(self.positions.shape[1], k=1)
        step = max(1, PAIRS_AT_ONCE // max(len(first), 1))
        for start in range(0, len(indices), step):
            part = self.positions[indices[start : start + step]]
            distances = np.linalg.norm(part[:, first] - part[:, second], axis=2)
            for block in self.blocks:
                distances[:, block] = np.sort(distances[:, block], axis=1)
            yield slice(start, start + len(part)), distances

    def summaries(self) -> Floats:
        """Mean distance and some of the sorted ones of each molecule, (m, k).

        Between copies each differs by at most the tolerance.
        """
        pairs = sum(len(block) for block in self.blocks)
        summaries = np.zeros((len(self), 1 + min(SUMMARY, pairs)))
        chosen = np.linspace(0, pairs - 1, summaries.shape[1] - 1).astype(np.int64)
        for part, distances in self.sorted_distances(np.arange(len(self))):
            if pairs:
                summaries[part, 0] = distances.mean(axis=1)
                summaries[part, 1:] = distances[:, chosen]
        return summaries

    def same(self, one: int, others: Integers) -> NDArray[np.bool_]:
        """Whether each of the others is a copy of one."""
        ((_, expected),) = self.sorted_distances(np.array([one]))
        same = np.empty(len(others), dtype=bool)
        for part, distances in self.sorted_distances(others):
            same[part] = (np.abs(distances - expected) <= TOLERANCE).all(axis=1)
        return same


def _copies(isomers: _Isomers) -> Iterator[tuple[int, Integers]]:
    """Each molecule that has copies behind it, and these."""
    summaries = isomers.summaries()
    means = summaries[:, 0]
    order = np.argsort(means, kind="stable")
    starts = np.searchsorted(means[order], means - TOLERANCE, side="left")
    stops = np.searchsorted(means[order], means + TOLERANCE, side="right")
    free = np.ones(len(isomers), dtype=bool)
    for i in np.flatnonzero(stops - starts > 1).tolist():
        if not free[i]:
            continue
        near = order[starts[i] : stops[i]]
        near = near[free[near] & (near > i)]
        near = near[(np.abs(summaries[near] - summaries[i]) <= TOLERANCE).all(axis=1)]
        copies = np.sort(near[isomers.same(i, near)]) if len(near) else near
        free[copies] = False
        if len(copies):
            yield i, copies
