"""Constants of the extended Hueckel method that can be fitted, and the method with other values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.extended_huckel import HuckelMethod
from qm7bench.chemistry.slater_overlaps import Element, element_of

LEVEL_UNIT = 20.0
"""In eV: a change of a level by 1."""
LOGARITHM_UNIT = 0.5
"""Logarithm of an exponent's factor, or of Wolfsberg and Helmholz's K, for a change by 1."""


@dataclass(frozen=True)
class Constant:
    """A level or an exponent of an element's shell; with charge 0, Wolfsberg and Helmholz's K."""

    charge: int = 0
    shell: int = 0
    is_level: bool = False


def constants_of(charges: Sequence[int], method: HuckelMethod) -> list[Constant]:
    """Levels and exponents of these elements, and K.

    Raises
    ------
    ModelError
        If an element's are not known.
    """
    return [
        *(
            Constant(charge, shell, is_level)
            for charge in charges
            for is_level in (True, False)
            for shell in range(len(element_of(charge, method.constants).levels))
        ),
        Constant(),
    ]


def adjusted(
    method: HuckelMethod, constants: Sequence[Constant], changes: NDArray[np.float64]
) -> HuckelMethod:
    """Return the method with its constants changed, in the units of this module."""
    elements, factor = dict(method.constants), 1.0
    for constant, change in zip(constants, changes.tolist(), strict=True):
        if constant.charge == 0:
            factor = float(np.exp(LOGARITHM_UNIT * change))
        else:
            element = element_of(constant.charge, elements)
            elements[constant.charge] = _changed(element, constant, change)
    return replace(
        method, wolfsberg_helmholz=method.wolfsberg_helmholz * factor, constants=elements
    )


def _changed(element: Element, constant: Constant, change: float) -> Element:
    levels, exponents = list(element.levels), list(element.exponents)
    if constant.is_level:
        levels[constant.shell] += LEVEL_UNIT * change
    else:
        exponents[constant.shell] *= float(np.exp(LOGARITHM_UNIT * change))
    return replace(element, levels=tuple(levels), exponents=tuple(exponents))
