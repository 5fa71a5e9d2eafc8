"""Molecules that have something in common: size, heavy elements, functional groups."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.functional_groups import functional_groups
from qm7bench.datasets.dataset import Dataset

SMALLEST_GROUP = 15
"""Groups with fewer molecules are joined: a mean over them would say nothing."""


@dataclass(frozen=True)
class MoleculeGroup:
    """A label, and the indices in the data set of the molecules that have it."""

    label: str
    members: NDArray[np.int64]


def by_size(dataset: Dataset) -> list[MoleculeGroup]:
    """Molecules by number of atoms; sizes that are too rare join the next larger or the last."""
    sizes = dataset.sizes
    counts = Counter(sizes.tolist())
    ranges: list[list[int]] = [[]]
    for size in sorted(counts):
        if _number(ranges[-1], counts) >= SMALLEST_GROUP:
            ranges.append([])
        ranges[-1].append(size)
    if len(ranges) > 1 and _number(ranges[-1], counts) < SMALLEST_GROUP:
        ranges[-2:] = [ranges[-2] + ranges[-1]]
    return [
        MoleculeGroup(
            str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}", np.flatnonzero(np.isin(sizes, r))
        )
        for r in ranges
    ]


def _number(sizes: list[int], counts: Counter[int]) -> int:
    return sum(counts[size] for size in sizes)


def by_composition(dataset: Dataset) -> list[MoleculeGroup]:
    """Molecules by the set of their heavy elements, largest group first, rare sets joined last."""
    labels = np.array([composition(charges) for charges in dataset.charges])
    counts = Counter(labels.tolist())
    large = [name for name in _largest_first(counts) if counts[name] >= SMALLEST_GROUP]
    found = [MoleculeGroup(name, np.flatnonzero(labels == name)) for name in large]
    others = np.flatnonzero(~np.isin(labels, large))
    return [*found, MoleculeGroup("other", others)] if len(others) else found


def by_function(dataset: Dataset) -> list[MoleculeGroup]:
    """Molecules by the functional groups that they have; rare groups are left out."""
    pairs = zip(dataset.charges, dataset.positions, strict=True)
    members: dict[str, list[int]] = {}
    for i, pair in enumerate(pairs):
        for name in functional_groups(*pair):
            members.setdefault(name, []).append(i)
    counts = Counter({name: len(own) for name, own in members.items()})
    large = [name for name in _largest_first(counts) if counts[name] >= SMALLEST_GROUP]
    return [MoleculeGroup(name, np.array(members[name])) for name in large]


def _largest_first(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda name: (-counts[name], name))


def composition(charges: NDArray[np.int64]) -> str:
    """Heavy elements of one molecule, carbon first, for example "C N O"; "H" if there are none."""
    heavy = [int(z) for z in np.unique(charges) if z > 1]
    return " ".join(SYMBOLS[z] for z in heavy) or "H"
