"""Where errors sit: by size, composition and functional group, and in single molecules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.evaluation import molecule_groups
from qm7bench.evaluation.molecule_groups import MoleculeGroup

Floats = NDArray[np.float64]


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
    def of(cls, groups: list[MoleculeGroup]) -> Groups:
        """Return groups in their order."""
        names = [group.label for group in groups]
        labels = np.repeat(names, [len(group.members) for group in groups])
        indices = np.concatenate([np.zeros(0, dtype=np.int64), *(g.members for g in groups)])
        kind = pd.CategoricalDtype(names, ordered=True)
        return cls(pd.Series(labels, indices, dtype=object).astype(kind))

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
    """Molecules by number of atoms: see `molecule_groups.by_size`."""
    return Groups.of(molecule_groups.by_size(dataset))


def groups_by_composition(dataset: Dataset) -> Groups:
    """Molecules by the set of their heavy elements: see `molecule_groups.by_composition`."""
    return Groups.of(molecule_groups.by_composition(dataset))


def groups_by_function(dataset: Dataset) -> Groups:
    """Molecules by the functional groups that they have: see `molecule_groups.by_function`."""
    return Groups.of(molecule_groups.by_function(dataset))


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
