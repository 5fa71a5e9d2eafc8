"""Atoms that stand for all others in a sparse local kernel, chosen by their surroundings alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.regression.local_kernel import ElementAtoms, LocalAtoms

LEADING = 32
"""Principal axes along which distances are compared: more are dearer, and no better on QM7."""


def inducing_atoms(atoms: LocalAtoms, number: int) -> LocalAtoms:
    """Choose atoms without looking at energies, each as a molecule of its own.

    Elements share the number in proportion to the square root of how many atoms they have, so that
    rare ones are not lost. Of an element, the atom nearest to the mean comes first, then always the
    one that is farthest from all chosen before (farthest point sampling).

    Parameters
    ----------
    atoms : LocalAtoms
        Of the molecules to choose from.
    number : int
        How many to choose; all where there are fewer.

    Returns
    -------
    LocalAtoms
        At most `number` molecules of one atom.

    References
    ----------
    Gonzalez, Theor. Comput. Sci. 38, 293 (1985); Bartok & Csanyi, Int. J. Quantum Chem. 115, 1051
    (2015).
    """
    sizes = {charge: len(own.molecules) for charge, own in atoms.by_element.items()}
    by_element, start = {}, 0
    for charge, share in _shares(sizes, number).items():
        own = atoms.by_element[charge]
        chosen = _farthest(own.values, share)
        molecules = np.arange(start, start + len(chosen))
        by_element[charge] = ElementAtoms(own.values[chosen], own.outside[chosen], molecules)
        start += len(chosen)
    return LocalAtoms(start, by_element)


def _shares(sizes: dict[int, int], number: int) -> dict[int, int]:
    """Divide the number among elements by the square root of their sizes, none over its size."""
    shares: dict[int, int] = {}
    left, weight = number, sum(np.sqrt(size) for size in sizes.values())
    # The rarest first: what it cannot use goes to the others.
    for charge, size in sorted(sizes.items(), key=lambda pair: pair[1]):
        shares[charge] = min(size, max(1, round(left * np.sqrt(size) / weight)))
        left -= shares[charge]
        weight -= np.sqrt(size)
    return dict(sorted(shares.items()))


def _farthest(values: NDArray[np.float32], number: int) -> NDArray[np.int64]:
    """Indices of the chosen atoms, in ascending order; `values` has its leading axes last."""
    if number >= len(values):
        return np.arange(len(values))
    leading = np.ascontiguousarray(values[:, -LEADING:])
    chosen = [int(np.argmin(_squares(leading, leading.mean(axis=0))))]
    nearest = _squares(leading, leading[chosen[0]])
    while len(chosen) < number:
        chosen.append(int(np.argmax(nearest)))
        np.minimum(nearest, _squares(leading, leading[chosen[-1]]), out=nearest)
    return np.unique(chosen)


def _squares(values: NDArray[np.float32], point: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances (N,) of all atoms from a point."""
    differences = values - point
    return np.asarray(np.einsum("ik,ik->i", differences, differences))
