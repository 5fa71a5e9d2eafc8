"""What speaks for duplicates and for wrong reference energies in a data set; it proves neither."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qm7bench.chemistry.elements import formula
from qm7bench.datasets.dataset import Dataset

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NearPair:
    """Two molecules of one formula, and how nearly their interatomic distances agree.

    Attributes
    ----------
    first, second : int
        Their indices in the data set.
    deviation : float
        Largest difference of two sorted distances of the same pair of elements, in Angstrom.
    energy_difference : float
        Energy of the second - energy of the first, in kcal/mol.
    """

    first: int
    second: int
    deviation: float
    energy_difference: float


def nearest_pairs(dataset: Dataset, number: int) -> list[NearPair]:
    """Pairs of molecules that are nearest to being duplicates, nearest first.

    Sorted distances by pair of elements do not change by rotation, reflection or the order of
    atoms; so mirror images, which have one energy, count as equal. Different molecules can in
    principle share them.

    Parameters
    ----------
    number : int
        Of pairs to return, at most.
    """
    formulas = pd.Series([formula(charges) for charges in dataset.charges])
    found: list[NearPair] = []
    for _, same in formulas.groupby(formulas):
        found += _nearest_of_one_formula(dataset, same.index.to_numpy(), number)
    return sorted(found, key=lambda pair: (pair.deviation, pair.first, pair.second))[:number]


def _nearest_of_one_formula(
    dataset: Dataset, indices: NDArray[np.int64], number: int
) -> list[NearPair]:
    from scipy.spatial.distance import pdist

    if len(indices) < 2:
        return []
    vectors = [sorted_distances(dataset.charges[i], dataset.positions[i]) for i in indices]
    # Single atoms have no distances; a column of zeros keeps the array two-dimensional.
    deviations = pdist(np.pad(np.array(vectors), ((0, 0), (0, 1))), "chebyshev")
    rows, columns = np.triu_indices(len(indices), k=1)
    pairs = []
    for k in np.argsort(deviations, kind="stable")[:number]:
        i, j = int(indices[rows[k]]), int(indices[columns[k]])
        change = float(dataset.energies[j] - dataset.energies[i])
        pairs.append(NearPair(i, j, float(deviations[k]), change))
    return pairs


def sorted_distances(charges: NDArray[np.int64], positions: Floats) -> Floats:
    """Distances in Angstrom, sorted within each pair of elements, the pairs in a fixed order."""
    real = charges > 0
    charges, positions = charges[real], positions[real]
    i, j = np.triu_indices(len(charges), k=1)
    distances = np.linalg.norm(positions[i] - positions[j], axis=1)
    smaller, larger = np.minimum(charges[i], charges[j]), np.maximum(charges[i], charges[j])
    return np.asarray(distances[np.lexsort((distances, larger, smaller))])


@dataclass(frozen=True)
class SuspiciousLabel:
    """A molecule that all entries looked at miss far and on the same side.

    Attributes
    ----------
    index : int
        In the data set.
    errors : float64 array of shape (r,)
        Prediction - reference energy of each entry, in kcal/mol.
    least_ratio : float
        Smallest absolute error over the entries, in half-widths of the entry's own interval.
    """

    index: int
    errors: Floats
    least_ratio: float


def suspicious_labels(
    errors: list[Floats], half_widths: list[Floats], least: float
) -> list[SuspiciousLabel]:
    """Molecules that every entry misses on the same side by `least` half-widths, the worst first.

    Parameters
    ----------
    errors, half_widths : lists of float64 arrays of shape (n,)
        Of each entry, in kcal/mol; NaN where it has none of the molecule.
    """
    values, widths = np.array(errors), np.array(half_widths)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = values / widths
    same_side = np.abs(np.sign(ratios).sum(axis=0)) == len(ratios)
    smallest = np.where(same_side, np.abs(ratios).min(axis=0), 0.0)
    indices = np.flatnonzero(smallest >= least)
    order = indices[np.argsort(-smallest[indices], kind="stable")]
    return [SuspiciousLabel(int(i), values[:, i], float(smallest[i])) for i in order]
