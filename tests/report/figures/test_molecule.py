"""Drawings of molecules."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from ase.build import molecule
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.bonds import bonds
from qm7bench.report.figures.molecule import Ball, draw_molecule, on_principal_axes
from qm7bench.report.html import environment


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
    balls = [shape for shape in draw_molecule(*padded, name).shapes if isinstance(shape, Ball)]
    assert len(balls) == len(charges)
    for ball in balls:
        assert ball.radius <= ball.x <= 200 - ball.radius
        assert ball.radius <= ball.y <= 140 - ball.radius


def test_heavy_atoms_other_than_carbon_carry_their_letter():
    shapes = draw_molecule(*arrays_of("CH3CH2OH"), "ethanol").shapes
    assert [s.letter for s in shapes if isinstance(s, Ball) and s.letter] == ["O"]


def test_the_template_draws_every_shape_and_names_the_molecule():
    drawing = draw_molecule(*arrays_of("CH3CH2OH"), "C<2H6O")
    macro = environment().get_template("macros.html").module.molecule
    root = ElementTree.fromstring(str(macro(drawing)))
    assert root.get("aria-label") == "C<2H6O"
    assert len(root.findall("circle")) == 9
    assert len(root.findall("path")) == 8
    assert [text.text for text in root.findall("text")] == ["O"]
