"""Drawings of molecules."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from ase.build import molecule
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.bonds import bonds
from qm7bench.report.figures.molecule import draw_molecule, on_principal_axes


def arrays_of(name):
    atoms = molecule(name)
    return atoms.numbers.astype(np.int64), atoms.positions


@pytest.mark.parametrize(
    ("name", "number"), [("H2", 1), ("H2O", 2), ("CH4", 4), ("C6H6", 12), ("CH3SCH3", 8)]
)
def test_bonds_are_those_of_the_structural_formula(name, number):
    assert len(bonds(*arrays_of(name))) == number


def test_rotation_and_translation_change_nothing_but_the_mirror():
    rng = np.random.default_rng(0)
    _, positions = arrays_of("CH3CH2OH")
    turned = positions @ Rotation.random(random_state=rng).as_matrix() + rng.normal(size=3)
    expected, found = on_principal_axes(positions), on_principal_axes(turned)
    np.testing.assert_allclose(np.abs(found[:, :2]), np.abs(expected[:, :2]), atol=1e-6)  # Angstrom


@pytest.mark.parametrize("name", ["H2", "CH3CH2OH", "C6H6", "SO2", "CO2"])
def test_every_atom_is_drawn_once_inside_the_picture(name):
    charges, positions = arrays_of(name)
    padded = np.append(charges, [0, 0]), np.vstack([positions, np.zeros((2, 3))])
    root = ElementTree.fromstring(draw_molecule(*padded, name))
    circles = root.findall("circle")
    assert len(circles) == len(charges)
    for circle in circles:
        x, y, radius = (float(circle.get(key)) for key in ("cx", "cy", "r"))
        assert radius <= x <= 200 - radius
        assert radius <= y <= 140 - radius


def test_heavy_atoms_other_than_carbon_carry_their_letter():
    image = draw_molecule(*arrays_of("CH3CH2OH"), "ethanol")
    assert re.findall(r">(\w+)</text>", image) == ["O"]
    assert 'aria-label="ethanol"' in image
