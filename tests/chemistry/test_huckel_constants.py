"""The extended Hueckel method with other constants than those of the textbooks."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.chemistry.extended_huckel import Atoms, HuckelMethod
from qm7bench.chemistry.huckel_constants import Constant, adjusted, constants_of
from qm7bench.chemistry.slater_overlaps import ELEMENTS
from qm7bench.errors import ModelError

HYDROGEN = Atoms(np.array([1, 1]), np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.74]]), np.array([0, 2]))


def test_levels_change_by_electronvolts_and_the_others_by_factors():
    constants = [Constant(6, 1, True), Constant(8, 0, False), Constant()]
    method = adjusted(HuckelMethod(), constants, np.array([0.05, 0.2, -0.2]))
    assert method.constants[6].levels == pytest.approx((-21.4, -10.4))
    assert method.constants[8].exponents == pytest.approx((2.275 * np.exp(0.1), 2.275))
    assert method.wolfsberg_helmholz == pytest.approx(1.75 * np.exp(-0.1))
    assert method.constants[7] == ELEMENTS[7]
    assert ELEMENTS[6].levels == (-21.4, -11.4)


def test_without_changes_it_is_the_method_of_the_textbooks():
    constants = constants_of([1, 6, 16], HuckelMethod())
    assert len(constants) == 2 * (1 + 2 + 2) + 1
    assert adjusted(HuckelMethod(), constants, np.zeros(11)) == HuckelMethod()


def test_a_wider_orbital_overlaps_more():
    narrow, wide = (
        adjusted(HuckelMethod(), [Constant(1, 0, False)], np.array([change]))
        for change in (0.4, -0.4)
    )
    elements = np.array([1])
    populations = [method.vectors(HYDROGEN, elements)[0, 0] for method in (narrow, wide)]
    assert populations[0] < populations[1]


def test_an_element_without_constants_is_named():
    with pytest.raises(ModelError, match="no constants for Fe"):
        constants_of([1, 26], HuckelMethod())
