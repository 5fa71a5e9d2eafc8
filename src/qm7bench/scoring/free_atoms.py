"""Predictions that differ from atomization energies by a constant for each element.

Total energies do, and energies of formation: their references are not the free atoms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.units import ENERGY_UNITS, KCAL_PER_MOL_PER_HARTREE

Floats = NDArray[np.float64]
TOTAL_HARTREE = {6: -37.8, 7: -54.6, 8: -75.1, 9: -99.7, 16: -398.1, 17: -460.1}
"""Energies of free atoms with all electrons; methods differ by less than `TOLERANCE`."""
TOLERANCE = 0.02


def offset_slip(
    charges: NDArray[np.int64], energies: Floats, predictions: Floats
) -> tuple[str, str] | None:
    """Name and message of the slip, None where there is none.

    Constants for each element always make errors smaller. They tell of a slip only where the error
    is worse than that of the mean energy without them, and with them less than half of what the
    constants alone would reach: the predictions then know more than the composition.

    Parameters
    ----------
    charges : int64 array of shape (m, A)
    energies, predictions : float64 arrays of shape (m,)
        Finite; energies in kcal/mol.
    """
    elements = [int(z) for z in np.unique(charges) if z > 0]
    counts = np.stack([np.count_nonzero(charges == z, axis=1) for z in elements], axis=1)
    if len(energies) < 5 * len(elements):
        return None
    _, from_counts = _fitted(counts, energies)
    as_it_is = np.mean(np.abs(predictions - energies))
    if as_it_is < np.mean(np.abs(energies - energies.mean())):
        return None
    fits = {
        u: _fitted(counts, factor * predictions - energies) for u, factor in ENERGY_UNITS.items()
    }
    for unit, (constants, error) in fits.items():
        if error < from_counts / 2 and _are_total(elements, constants):
            return "total energies", (
                f"the predictions are total energies in {unit}, not atomization energies: subtract "
                "the energies of the free atoms, computed by the same method, and give kcal/mol. "
                f"With the constants that fit best, their MAE is {error:.4g} kcal/mol."
            )
    unit = min(fits, key=lambda name: fits[name][1])
    constants, error = fits[unit]
    if error >= from_counts / 2:
        return None
    told = ", ".join(f"{SYMBOLS[z]} {c:,.1f}" for z, c in zip(elements, constants, strict=True))
    return "other reference", (
        f"the predictions, read in {unit}, differ from atomization energies by a constant for each "
        f"element ({told} kcal/mol), as energies do that are not relative to the free atoms. "
        f"Without these constants their MAE is {error:.4g} kcal/mol. Subtract the energies of the "
        "free atoms, computed by the same method."
    )


def _fitted(counts: NDArray[np.int64], values: Floats) -> tuple[Floats, float]:
    """Constants for each element that fit the values best, and the MAE that remains."""
    constants, *_ = np.linalg.lstsq(counts.astype(float), values, rcond=None)
    return constants, float(np.mean(np.abs(values - counts @ constants)))


def _are_total(elements: list[int], constants: Floats) -> bool:
    """Whether the constants (kcal/mol) are total energies of free atoms."""
    found = dict(zip(elements, constants / KCAL_PER_MOL_PER_HARTREE, strict=True))
    known = [found[z] / TOTAL_HARTREE[z] for z in elements if z in TOTAL_HARTREE]
    return bool(known) and all(abs(ratio - 1) < TOLERANCE for ratio in known)
