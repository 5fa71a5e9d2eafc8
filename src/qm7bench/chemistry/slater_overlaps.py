"""Overlaps of the valence orbitals of a molecule's atoms, and the textbook constants behind them.

Slater orbitals (one s and, but for hydrogen, three p) as three Gaussians each, whose overlaps are
closed expressions: Szabo & Ostlund, Modern Quantum Chemistry (1989), appendix A.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.errors import ModelError

Floats = NDArray[np.float64]

EXPANSIONS = {
    1: ((2.227660584, 0.405771156, 0.109818), (0.154328967, 0.535328142, 0.444634542), ()),
    2: (
        (0.994203, 0.231031, 0.0751386),
        (-0.0999672, 0.399513, 0.700115),
        (0.155916, 0.607684, 0.391957),
    ),
    3: (
        (0.482854, 0.134715, 0.0527266),
        (-0.219620, 0.225595, 0.900398),
        (0.0105876, 0.595167, 0.462001),
    ),
}
"""Exponents, and coefficients of s and p, of Slater orbitals of exponent 1 by their period: Hehre,
Stewart & Pople, J. Chem. Phys. 51, 2657 (1969); Hehre, Ditchfield, Stewart & Pople, J. Chem. Phys.
52, 2769 (1970)."""


@dataclass(frozen=True)
class Element:
    """Constants of one element.

    Attributes
    ----------
    period : int
    valence_electrons : int
    levels : tuple of float
        Valence-state ionisation energies of s and p in eV, with a minus sign.
    exponents : tuple of float
        Of the Slater orbitals s and p in 1 / Bohr.
    radius : float
        Covalent radius of a single bond in Angstrom.
    """

    period: int
    valence_electrons: int
    levels: tuple[float, ...]
    exponents: tuple[float, ...]
    radius: float


ELEMENTS = {
    1: Element(1, 1, (-13.6,), (1.3,), 0.32),
    5: Element(2, 3, (-15.2, -8.5), (1.3, 1.3), 0.85),
    6: Element(2, 4, (-21.4, -11.4), (1.625, 1.625), 0.75),
    7: Element(2, 5, (-26.0, -13.4), (1.95, 1.95), 0.71),
    8: Element(2, 6, (-32.3, -14.8), (2.275, 2.275), 0.63),
    9: Element(2, 7, (-40.0, -18.1), (2.425, 2.425), 0.64),
    14: Element(3, 4, (-17.3, -9.2), (1.383, 1.383), 1.16),
    15: Element(3, 5, (-18.6, -14.0), (1.75, 1.3), 1.11),
    16: Element(3, 6, (-20.0, -11.0), (2.122, 1.827), 1.03),
    17: Element(3, 7, (-26.3, -14.2), (2.183, 1.733), 0.99),
}
"""Levels and exponents as the extended Hueckel method commonly takes them: Hoffmann, J. Chem. Phys.
39, 1397 (1963), and for the heavier elements Alvarez, Tables of parameters for extended Hueckel
calculations (1989); radii: Pyykko & Atsumi, Chem. Eur. J. 15, 186 (2009)."""


@dataclass(frozen=True)
class Orbitals:
    """Valence orbitals of one molecule, atom by atom: s, then x, y and z of p.

    Attributes
    ----------
    atoms, shells : int64 arrays of shape (o,)
        Number of each orbital's atom, and 0 for s or 1 for p.
    levels : float64 array of shape (o,)
        In eV.
    overlaps : float64 array of shape (o, o)
    """

    atoms: NDArray[np.int64]
    shells: NDArray[np.int64]
    levels: Floats
    overlaps: Floats


def element_of(charge: int) -> Element:
    """Constants of an element.

    Raises
    ------
    ModelError
        If they are not known.
    """
    if charge not in ELEMENTS:
        known = " ".join(SYMBOLS[z] for z in ELEMENTS)
        raise ModelError(
            f"extended Hueckel: no constants for {SYMBOLS[charge]}; leave out molecules with "
            f"elements other than {known}"
        )
    return ELEMENTS[charge]


def orbitals_of(charges: NDArray[np.int64], positions: Floats) -> Orbitals:
    """Valence orbitals of a molecule of N atoms at positions (N, 3) in Bohr.

    Raises
    ------
    ModelError
        If constants of an element are not known.
    """
    elements = [element_of(z) for z in charges.tolist()]
    blocks = _all_overlaps(charges, positions)
    has_p = np.array([len(e.levels) > 1 for e in elements])
    present = np.stack([np.ones(len(charges), dtype=bool), has_p, has_p, has_p], axis=1).ravel()
    levels = np.array([[e.levels[0], *[e.levels[-1]] * 3] for e in elements]).ravel()
    overlaps = blocks.reshape(len(present), len(present))[np.ix_(present, present)]
    lengths = np.sqrt(np.diag(overlaps))
    return Orbitals(
        np.repeat(np.arange(len(charges)), 4)[present],
        np.tile([0, 1, 1, 1], len(charges))[present],
        levels[present],
        overlaps / np.outer(lengths, lengths),
    )


def _all_overlaps(charges: NDArray[np.int64], positions: Floats) -> Floats:
    """Overlaps (N, 4, N, 4) of s, x, y, z of all atoms; meaningless for p where an atom has none.

    With Gaussians of exponents a and b at a distance R, p = a + b and
    s = (pi / p)^(3/2) exp(-a b R^2 / p), the overlaps are s, (b / p) R_i s for p with s,
    -(a / p) R_j s for s with p, and (delta_ij / (2 p) - a b R_i R_j / p^2) s for p with p.
    """
    gaussians = [_gaussians(z) for z in charges.tolist()]
    exponents = np.array([g[0] for g in gaussians])  # (N, 2, 3)
    weights = np.array([g[1] for g in gaussians])
    vectors = positions[None, :, :] - positions[:, None, :]
    squares = (vectors**2).sum(axis=2)[:, :, None, None]
    result = np.empty((len(charges), 4, len(charges), 4))
    p_orbitals = slice(1, 4)
    for one in (0, 1):
        for other in (0, 1):
            a, b = exponents[:, None, one, :, None], exponents[None, :, other, None, :]
            total = a + b
            s = (np.pi / total) ** 1.5 * np.exp(-a * b / total * squares)
            s *= weights[:, None, one, :, None] * weights[None, :, other, None, :]
            if (one, other) == (0, 0):
                result[:, 0, :, 0] = s.sum(axis=(2, 3))
            elif (one, other) == (1, 0):
                along = (b / total * s).sum(axis=(2, 3))[:, :, None] * vectors
                result[:, p_orbitals, :, 0] = along.transpose(0, 2, 1)
            elif (one, other) == (0, 1):
                result[:, 0, :, p_orbitals] = (
                    -(a / total * s).sum(axis=(2, 3))[:, :, None] * vectors
                )
            else:
                along = (a * b / total**2 * s).sum(axis=(2, 3))[:, :, None, None]
                across = (0.5 / total * s).sum(axis=(2, 3))[:, :, None, None]
                both = across * np.eye(3) - along * vectors[:, :, :, None] * vectors[:, :, None, :]
                result[:, p_orbitals, :, p_orbitals] = both.transpose(0, 2, 1, 3)
    return result


@cache
def _gaussians(charge: int) -> tuple[Floats, Floats]:
    """Exponents in 1 / Bohr^2 and coefficients of normalised Gaussians, each (2, 3), of s and p."""
    element = element_of(charge)
    exponents, *coefficients = EXPANSIONS[element.period]
    widths, weights = np.ones((2, 3)), np.zeros((2, 3))
    for shell, zeta in enumerate(element.exponents):
        widths[shell] = np.array(exponents) * zeta**2
        norms = (2.0 * widths[shell] / np.pi) ** 0.75 * (2.0 * np.sqrt(widths[shell])) ** shell
        weights[shell] = np.array(coefficients[shell]) * norms
    return widths, weights
