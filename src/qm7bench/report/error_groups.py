"""Where errors sit: by size, composition and molecule, and on the front of error against cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.functional_groups import functional_groups
from qm7bench.datasets.dataset import Dataset

Floats = NDArray[np.float64]
SMALLEST_GROUP = 15
"""Groups with fewer molecules are joined: a mean over them would say nothing."""


@dataclass(frozen=True)
class Group:
    """Molecules that have something in common."""

    label: str
    value: float
    members: NDArray[np.int64]


def groups_by_size(dataset: Dataset) -> list[Group]:
    """Molecules by number of atoms; sizes that are too rare join the next larger or the last."""
    groups: list[Group] = []
    waiting: list[int] = []
    sizes = dataset.sizes
    for size in np.unique(sizes):
        waiting.append(int(size))
        members = np.flatnonzero(np.isin(sizes, waiting))
        if len(members) >= SMALLEST_GROUP:
            groups.append(Group(_range(waiting), float(sizes[members].mean()), members))
            waiting = []
    if waiting and groups:
        members = np.append(groups[-1].members, np.flatnonzero(np.isin(sizes, waiting)))
        label = _range(sorted({*sizes[members].tolist()}))
        groups[-1] = Group(label, float(sizes[members].mean()), members)
    return groups or [Group(_range(waiting), float(sizes.mean()), np.arange(len(dataset)))]


def _range(sizes: list[int]) -> str:
    return str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]}-{sizes[-1]}"


def groups_by_composition(dataset: Dataset) -> list[Group]:
    """Molecules by the set of their heavy elements, largest group first, rare sets joined last."""
    labels = np.array([composition(charges) for charges in dataset.charges])
    names, counts = np.unique(labels, return_counts=True)
    large = [(n, c) for n, c in zip(names, counts, strict=True) if c >= SMALLEST_GROUP]
    large.sort(key=lambda pair: (-pair[1], pair[0]))
    groups = [Group(str(n), float(c), np.flatnonzero(labels == n)) for n, c in large]
    rest = np.flatnonzero(~np.isin(labels, [n for n, _ in large]))
    return [*groups, Group("other", float(len(rest)), rest)] if len(rest) else groups


def groups_by_function(dataset: Dataset) -> list[Group]:
    """Molecules by the functional groups that they hold; rare groups are left out."""
    held = [
        functional_groups(*pair) for pair in zip(dataset.charges, dataset.positions, strict=True)
    ]
    groups = []
    for name in sorted(set().union(*held)):
        members = np.array([i for i, names in enumerate(held) if name in names], dtype=np.int64)
        if len(members) >= SMALLEST_GROUP:
            groups.append(Group(name, float(len(members)), members))
    return groups


def composition(charges: NDArray[np.int64]) -> str:
    """Heavy elements of one molecule, carbon first, for example "C N O"; "H" if there are none."""
    heavy = [int(z) for z in np.unique(charges) if z > 1]
    return " ".join(SYMBOLS[z] for z in heavy) or "H"


def mean_absolute(errors: Floats, group: Group) -> float:
    """Mean absolute error of a group's predicted molecules, NaN if there are none."""
    own = np.abs(errors[group.members])
    known = own[np.isfinite(own)]
    return float(known.mean()) if len(known) else float("nan")


def worst_molecules(errors: Floats, number: int) -> NDArray[np.int64]:
    """Places in the data set of the largest absolute errors, largest first."""
    size = np.nan_to_num(np.abs(errors), nan=-1.0)
    order = np.argsort(-size, kind="stable")[:number]
    return order[size[order] >= 0]


@dataclass(frozen=True)
class HardMolecules:
    """Molecules that are hard for every row.

    Attributes
    ----------
    places : int array of shape (k,)
        Their places in the data set, hardest first.
    easiest_share : float64 array of shape (k,)
        Share of molecules with a smaller error, in the row that finds the molecule easiest.
    rows : int
        Number of rows that were looked at.
    """

    places: NDArray[np.int64]
    easiest_share: Floats
    rows: int


def hard_molecules(errors: list[Floats], number: int) -> HardMolecules:
    """Molecules whose smallest rank of absolute error, over the better half of rows, is highest.

    Parameters
    ----------
    errors : list of float64 arrays of shape (n,)
        Of every row, best row first. Rows of the worse half are left out: what they get wrong says
        more of them than of the molecule. At least three rows are used where there are as many.
    """
    used = errors[: max(3, (len(errors) + 1) // 2)]
    size = np.abs(np.array(used))
    known = np.isfinite(size).all(axis=0)
    places = np.flatnonzero(known)
    ranks = np.argsort(np.argsort(size[:, known], axis=1), axis=1) / max(1, len(places) - 1)
    smallest = ranks.min(axis=0)
    order = np.argsort(-smallest, kind="stable")[:number]
    return HardMolecules(places[order], smallest[order], len(used))


def pareto_front(costs: Floats, errors: Floats) -> NDArray[np.int64]:
    """Rows that no other row beats in both cost and error, in order of rising cost."""
    front: list[int] = []
    best = np.inf
    for i in np.lexsort((errors, costs)):
        if errors[i] < best:
            front.append(int(i))
            best = errors[i]
    return np.array(front, dtype=np.int64)
