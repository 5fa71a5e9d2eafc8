"""Energies of molecules by a linear fit, relative to which networks learn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.graphs import MoleculeGraphs, sums_by_element
from qm7bench.regression.element_reference import ElementReference
from qm7bench.regression.least_squares import LinearFit, fit_with_free_columns

Floats = NDArray[np.float64]

PENALTIES = (1e-6, 1e-4, 1e-2, 1.0, 1e2, 1e4)
"""Of the ridge regression on descriptors, which are standardized."""


def reference_columns(graphs: MoleculeGraphs, elements: NDArray[np.int64]) -> Floats:
    """Counts of atoms by element, then the sums of their descriptors if they have any.

    Returns
    -------
    float64 array of shape (n, e), or (n, e + e * d) with d descriptors
    """
    counts = graphs.element_counts(elements)
    if graphs.descriptors is None:
        return counts
    sums = sums_by_element(graphs.descriptors, graphs.charges, graphs.atom_offsets, elements)
    return np.column_stack([counts, sums])


def fit_reference(
    graphs: MoleculeGraphs, elements: NDArray[np.int64], energies: Floats
) -> LinearFit:
    """Fit energies (n,) in kcal/mol to `reference_columns`.

    Least squares on the composition; if atoms have descriptors, on their sums too, with the penalty
    of the smallest leave-one-out error on their weights alone.
    """
    columns = reference_columns(graphs, elements)
    if graphs.descriptors is None:
        return LinearFit(ElementReference().fit(columns, energies).coefficients_, 0.0)
    counts, sums = np.split(columns, [len(elements)], axis=1)
    return fit_with_free_columns(counts, sums, energies, PENALTIES)
