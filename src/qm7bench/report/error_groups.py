"""Where errors sit: by size, composition and functional group, and in single molecules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.functional_groups import functional_groups
from qm7bench.datasets.dataset import Dataset

Floats = NDArray[np.float64]
SMALLEST_GROUP = 15
"""Groups with fewer molecules are joined: a mean over them would say nothing."""


@dataclass(frozen=True)
class Groups:
    """Molecules that have something in common, under a label each.

    Attributes
    ----------
    labels : Series
        Label of the molecule whose index in the data set is the Series' index, which comes several
        times where it is in several groups, and never where it is in none; an ordered categorical.
    """

    labels: pd.Series

    @classmethod
    def ordered(cls, labels: pd.Series, names: list[str]) -> Groups:
        """Groups of the given names, in this order; other labels are left out."""
        own = labels[labels.isin(names)]
        return cls(own.astype(pd.CategoricalDtype(names, ordered=True)))

    @property
    def counts(self) -> pd.Series:
        """Number of molecules by group."""
        return self.labels.value_counts(sort=False)

    def means(self, values: pd.DataFrame) -> pd.DataFrame:
        """Mean of each column by group; missing values are left out, NaN where there are no others.

        Parameters
        ----------
        values : DataFrame
            One row for each molecule of the data set.
        """
        own = values.loc[self.labels.index].reset_index(drop=True)
        return own.groupby(self.labels.reset_index(drop=True), observed=False).mean()


def groups_by_size(dataset: Dataset) -> Groups:
    """Molecules by number of atoms; sizes that are too rare join the next larger or the last."""
    sizes = pd.Series(dataset.sizes)
    counts = sizes.value_counts().sort_index()
    ranges: list[list[int]] = [[]]
    for size in counts.index:
        if counts[ranges[-1]].sum() >= SMALLEST_GROUP:
            ranges.append([])
        ranges[-1].append(int(size))
    if len(ranges) > 1 and counts[ranges[-1]].sum() < SMALLEST_GROUP:
        ranges[-2:] = [ranges[-2] + ranges[-1]]
    names = [str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in ranges]
    of_size = {size: name for r, name in zip(ranges, names, strict=True) for size in r}
    return Groups.ordered(sizes.map(of_size), names)


def groups_by_composition(dataset: Dataset) -> Groups:
    """Molecules by the set of their heavy elements, largest group first, rare sets joined last."""
    labels = pd.Series([composition(charges) for charges in dataset.charges])
    counts = labels.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    large = [str(name) for name in counts.index[counts >= SMALLEST_GROUP]]
    joined = labels.where(labels.isin(large), "other")
    return Groups.ordered(joined, [*large, "other"] if "other" in set(joined) else large)


def groups_by_function(dataset: Dataset) -> Groups:
    """Molecules by the functional groups that they have; rare groups are left out."""
    pairs = zip(dataset.charges, dataset.positions, strict=True)
    found = pd.Series([sorted(functional_groups(*pair)) for pair in pairs], dtype=object)
    labels = found.explode().dropna().astype(str)
    counts = labels.value_counts().sort_index()
    return Groups.ordered(labels, [str(n) for n in counts.index[counts >= SMALLEST_GROUP]])


def composition(charges: NDArray[np.int64]) -> str:
    """Heavy elements of one molecule, carbon first, for example "C N O"; "H" if there are none."""
    heavy = [int(z) for z in np.unique(charges) if z > 1]
    return " ".join(SYMBOLS[z] for z in heavy) or "H"


def worst_molecules(errors: Floats, number: int) -> NDArray[np.int64]:
    """Indices of the molecules with the largest absolute errors, largest first."""
    size = np.nan_to_num(np.abs(errors), nan=-1.0)
    order = np.argsort(-size, kind="stable")[:number]
    return order[size[order] >= 0]


@dataclass(frozen=True)
class HardMolecules:
    """Molecules that are hard for every entry.

    Attributes
    ----------
    indices : int array of shape (k,)
        In the data set, hardest first.
    easiest_share : float64 array of shape (k,)
        Share of molecules with a smaller error, for the entry that finds the molecule easiest.
    entries : int
        Number of entries that were looked at.
    """

    indices: NDArray[np.int64]
    easiest_share: Floats
    entries: int


def hard_molecules(errors: list[Floats], number: int) -> HardMolecules:
    """Molecules whose smallest rank of absolute error, over the better half of entries, is highest.

    Parameters
    ----------
    errors : list of float64 arrays of shape (n,)
        Of every entry, the best first. Entries of the worse half are left out: what they get wrong
        says more of them than of the molecule. At least three are used where there are as many.
    """
    used = errors[: max(3, (len(errors) + 1) // 2)]
    known = reduce(np.logical_and, [np.isfinite(own) for own in used])
    size = pd.DataFrame(np.abs(np.array(used)[:, known]).T, index=np.flatnonzero(known))
    smallest = (size.rank(method="first").min(axis=1) - 1) / max(1, len(size) - 1)
    hardest = smallest.sort_values(ascending=False, kind="stable").head(number)
    return HardMolecules(hardest.index.to_numpy(), hardest.to_numpy(), len(used))


def pareto_front(costs: Floats, errors: Floats) -> NDArray[np.int64]:
    """Entries that no other beats in both cost and error, by ascending cost."""
    front: list[int] = []
    best = np.inf
    for i in np.lexsort((errors, costs)):
        if errors[i] < best:
            front.append(int(i))
            best = errors[i]
    return np.array(front, dtype=np.int64)
