"""Overlaps of the valence orbitals of a molecule's atoms, and the textbook constants behind them.

Slater orbitals (one s and, but for hydrogen, three p) as three Gaussians each, whose overlaps are
closed expressions: Szabo & Ostlund, Modern Quantum Chemistry (1989), appendix A.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

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

PAIRS_KEPT = 1024
"""Pairs of shells whose constants are remembered: those of all elements, and of some fits."""


@dataclass(frozen=True)
class Orbitals:
    """Valence orbitals of M molecules with N atoms and o orbitals each.

    They stand atom by atom: s, then x, y and z of p.

    Attributes
    ----------
    atoms, shells : int64 arrays of shape (M, o)
        Number of each orbital's atom, and 0 for s or 1 for p.
    levels : float64 array of shape (M, o)
        In eV.
    overlaps : float64 array of shape (M, o, o)
    """

    atoms: NDArray[np.int64]
    shells: NDArray[np.int64]
    levels: Floats
    overlaps: Floats


def element_of(charge: int, constants: Mapping[int, Element] = ELEMENTS) -> Element:
    """Constants of an element.

    Raises
    ------
    ModelError
        If they are not known.
    """
    if charge not in constants:
        known = " ".join(SYMBOLS[z] for z in constants)
        raise ModelError(
            f"extended Hueckel: no constants for {SYMBOLS[charge]}; leave out molecules with "
            f"elements other than {known}"
        )
    return constants[charge]


def orbitals_of(
    charges: NDArray[np.int64], positions: Floats, constants: Mapping[int, Element] = ELEMENTS
) -> Orbitals:
    """Valence orbitals of molecules with as many atoms and orbitals.

    Parameters
    ----------
    charges : int64 array of shape (M, N)
        Without padding.
    positions : float64 array of shape (M, N, 3)
        In Bohr.

    Raises
    ------
    ModelError
        If constants of an element are not known.
    """
    molecules, atoms = charges.shape
    known, kinds = np.unique(charges, return_inverse=True)
    kinds = kinds.reshape(charges.shape)
    elements = [element_of(z, constants) for z in known.tolist()]
    levels = np.array([_levels(e) for e in elements])[kinds].reshape(molecules, -1)
    chosen = np.nonzero(np.isfinite(levels))[1].reshape(molecules, -1)
    overlaps = _all_overlaps(elements, kinds, positions).reshape(molecules, 4 * atoms, -1)
    own = np.arange(molecules)[:, None]
    return Orbitals(
        chosen // 4,
        np.minimum(chosen % 4, 1),
        levels[own, chosen],
        overlaps[own[:, None], chosen[:, :, None], chosen[:, None, :]],
    )


def orbitals_per_atom(
    charges: NDArray[np.int64], constants: Mapping[int, Element] = ELEMENTS
) -> NDArray[np.int64]:
    """Number of valence orbitals of each atom; 0 for padding, marked by 0.

    Raises
    ------
    ModelError
        If constants of an element are not known.
    """
    numbers = np.zeros(charges.max(initial=0) + 1, dtype=np.int64)
    for charge in np.unique(charges[charges > 0]).tolist():
        numbers[charge] = 4 if len(element_of(charge, constants).levels) > 1 else 1
    return numbers[charges]


def _levels(element: Element) -> list[float]:
    """Levels of s, x, y and z in eV; NaN without p."""
    s, *p = element.levels
    return [s, *(3 * p or 3 * [np.nan])]


def _all_overlaps(known: list[Element], kinds: NDArray[np.int64], positions: Floats) -> Floats:
    """Overlaps (M, N, 4, N, 4) of s, x, y, z of all atoms; meaningless for p where there is none.

    Kinds, (M, N), are places in the list of elements, positions (M, N, 3) in Bohr.
    """
    molecules, atoms = kinds.shape
    first, second = np.triu_indices(atoms, 1)
    vectors = positions[:, second] - positions[:, first]
    squares = (vectors**2).sum(axis=2)[..., None]
    pairs = kinds[:, first] * len(known) + kinds[:, second]
    found: dict[tuple[int, int], list[Floats]] = {}
    for shells in ((0, 0), (0, 1), (1, 0), (1, 1)):
        tables = [_pair(one, other, shells) for one in known for other in known]
        factors, *weights = (np.array(own)[pairs] for own in zip(*tables, strict=True))
        decays = np.exp(factors * squares)
        found[shells] = [np.einsum("mpg,mpg->mp", decays, own) for own in weights]
    result = np.zeros((molecules, atoms, 4, atoms, 4))
    result[:, np.arange(atoms)[:, None], np.arange(4), np.arange(atoms)[:, None], np.arange(4)] = 1
    along, across = found[1, 1]
    both = across[..., None, None] * np.eye(3)
    both -= (along[..., None] * vectors)[..., :, None] * vectors[..., None, :]
    s_with_p, p_with_s = -found[0, 1][0][..., None] * vectors, found[1, 0][0][..., None] * vectors
    p = slice(1, 4)
    # From its other end, a pair's s with p is its p with s.
    for i, j, sp, ps in ((first, second, s_with_p, p_with_s), (second, first, p_with_s, s_with_p)):
        result[:, i, 0, j, 0] = found[0, 0][0]
        result[:, i, 0, j, p] = sp
        # Indices on both sides of a slice come first: pairs, molecules, the rest.
        result[:, i, p, j, 0] = ps.transpose(1, 0, 2)
        result[:, i, p, j, p] = both.transpose(1, 0, 2, 3)
    return result


@lru_cache(maxsize=PAIRS_KEPT)
def _pair(one: Element, other: Element, shells: tuple[int, int]) -> tuple[Floats, ...]:
    """Of the nine pairs of Gaussians of two elements' shells what does not depend on positions.

    With Gaussians of exponents a and b at a distance R, p = a + b and
    s = (pi / p)^(3/2) exp(-a b R^2 / p), the overlaps are s, (b / p) R_i s for p with s,
    -(a / p) R_j s for s with p, and (delta_ij / (2 p) - a b R_i R_j / p^2) s for p with p.

    Returns
    -------
    tuple of float64 arrays of shape (9,)
        Factors of R^2 in the exponent; weights of s (without the sign for s with p), for p with p
        those of R_i R_j and of delta_ij.
    """
    (a, first), (b, second) = (
        (_gaussians(e)[0][k], _gaussians(e)[1][k])
        for e, k in zip((one, other), shells, strict=True)
    )
    lengths = [np.sqrt(_self_overlap(e, k)) for e, k in zip((one, other), shells, strict=True)]
    a, b = a[:, None], b[None, :]
    total = a + b
    s = (np.pi / total) ** 1.5 * np.outer(first, second) / np.prod(lengths)
    factor = {(0, 0): [1.0], (1, 0): [b / total], (0, 1): [a / total]}
    weights = factor.get(shells, [a * b / total**2, 0.5 / total])
    return ((-a * b / total).ravel(), *((own * s).ravel() for own in weights))


def _self_overlap(element: Element, shell: int) -> float:
    """Overlap of a contracted Gaussian with itself; 1 for a shell that an element does not have."""
    exponents, weights = (own[shell] for own in _gaussians(element))
    total = exponents[:, None] + exponents[None, :]
    s = (np.pi / total) ** 1.5 * np.outer(weights, weights)
    return float((s * (0.5 / total if shell else 1.0)).sum()) or 1.0


@lru_cache(maxsize=PAIRS_KEPT)
def _gaussians(element: Element) -> tuple[Floats, Floats]:
    """Exponents in 1 / Bohr^2 and coefficients of normalised Gaussians, each (2, 3), of s and p."""
    exponents, *coefficients = EXPANSIONS[element.period]
    widths, weights = np.ones((2, 3)), np.zeros((2, 3))
    for shell, zeta in enumerate(element.exponents):
        widths[shell] = np.array(exponents) * zeta**2
        norms = (2.0 * widths[shell] / np.pi) ** 0.75 * (2.0 * np.sqrt(widths[shell])) ** shell
        weights[shell] = np.array(coefficients[shell]) * norms
    return widths, weights
