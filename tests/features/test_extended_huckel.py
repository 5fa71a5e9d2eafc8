"""Extended Hueckel against integrals on a grid, chemistry everybody knows, and by symmetry."""

import itertools

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.slater_overlaps import ELEMENTS, EXPANSIONS, orbitals_of
from qm7bench.datasets.dataset import Dataset, pad
from qm7bench.errors import ModelError
from qm7bench.features import extended_huckel
from qm7bench.features.extended_huckel import ExtendedHuckel
from qm7bench.features.extended_huckel_totals import ExtendedHuckelTotals
from qm7bench.features.fchl19 import Fchl19
from qm7bench.features.fchl19_extended_huckel import Fchl19ExtendedHuckel
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.features.radius_graph_extended_huckel import RadiusGraphExtendedHuckel

ETHANE = (
    [6, 6, 1, 1, 1, 1, 1, 1],
    [
        [0.0, 0.0, 0.762],
        [0.0, 0.0, -0.762],
        [0.0, 1.018, 1.157],
        [-0.882, -0.509, 1.157],
        [0.882, -0.509, 1.157],
        [0.0, -1.018, -1.157],
        [-0.882, 0.509, -1.157],
        [0.882, 0.509, -1.157],
    ],
)
ETHYLENE = (
    [6, 6, 1, 1, 1, 1],
    [
        [0.0, 0.0, 0.667],
        [0.0, 0.0, -0.667],
        [0.0, 0.923, 1.238],
        [0.0, -0.923, 1.238],
        [0.0, 0.923, -1.238],
        [0.0, -0.923, -1.238],
    ],
)
ACETYLENE = ([6, 6, 1, 1], [[0, 0, 0.602], [0, 0, -0.602], [0, 0, 1.664], [0, 0, -1.664]])
WATER = ([8, 1, 1], [[0.0, 0.0, 0.1173], [0.0, 0.7572, -0.4692], [0.0, -0.7572, -0.4692]])
OXYGEN = ([8, 8], [[0.0, 0.0, 0.604], [0.0, 0.0, -0.604]])


def as_dataset(*molecules):
    charges, positions = pad([(np.array(z), np.array(r, dtype=float)) for z, r in molecules])
    n = np.arange(len(charges))
    return Dataset("test", n, charges, positions, np.zeros(len(n)), np.zeros(len(n), dtype=int))


def gaussian_orbital(charge, shell, axis, centre, points):
    """Values of a normalised contracted Gaussian orbital at points, by its definition."""
    element = ELEMENTS[charge]
    exponents, *coefficients = EXPANSIONS[element.period]
    away = points - centre
    values = np.zeros(len(points))
    for exponent, coefficient in zip(exponents, coefficients[shell], strict=True):
        a = exponent * element.exponents[shell] ** 2
        norm = (2 * a / np.pi) ** 0.75 * (2 * np.sqrt(a)) ** shell
        angular = away[:, axis] if shell else 1.0
        values += coefficient * norm * angular * np.exp(-a * (away**2).sum(axis=1))
    return values


def test_overlaps_are_those_of_an_integration_on_a_grid():
    charges = np.array([6, 16, 1])
    positions = np.array([[0.0, 0.2, -0.4], [1.7, -1.1, 0.9], [-1.2, 1.0, 0.8]])  # Bohr
    found = orbitals_of(charges[None], positions[None])
    line = np.arange(-9.0, 9.0, 0.2)
    points = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)
    orbitals = []
    for atom, shell in itertools.product(range(3), range(2)):
        for axis in range(3 if shell else 1):
            if shell < len(ELEMENTS[charges[atom]].levels):
                orbital = gaussian_orbital(charges[atom], shell, axis, positions[atom], points)
                orbitals.append(orbital)
    expected = np.array(orbitals) @ np.array(orbitals).T * 0.2**3
    lengths = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(lengths, 1.0, atol=2e-3)
    np.testing.assert_allclose(found.overlaps[0], expected / np.outer(lengths, lengths), atol=1e-4)
    assert found.atoms[0].tolist() == [0] * 4 + [1] * 4 + [2]
    assert found.shells[0].tolist() == [0, 1, 1, 1, 0, 1, 1, 1, 0]


def orders_and_charges(molecule):
    """Sum of an atom's bond orders with each element, and its charge, for elements H C."""
    feature = ExtendedHuckel(elements="H C N O S")
    values = feature.compute(as_dataset(molecule))["values"]
    e = 5
    return values[:, 13 * e + 3 : 14 * e + 3], values[:, 12 * e + 2]


@pytest.mark.parametrize(("molecule", "order"), [(ETHANE, 1), (ETHYLENE, 2), (ACETYLENE, 3)])
def test_bond_orders_are_those_of_single_double_and_triple_bonds(molecule, order):
    orders, _ = orders_and_charges(molecule)
    assert orders[0, 1] == pytest.approx(order, abs=0.15)  # with the other carbon
    hydrogens = molecule[0].count(1) / 2
    assert orders[0, 0] == pytest.approx(hydrogens, rel=0.1)


def test_oxygen_takes_the_charge_of_water_and_all_charges_cancel(small_molecules):
    _, charges = orders_and_charges(WATER)
    assert charges[0] < -0.3
    found = ExtendedHuckel().compute(small_molecules)
    e = len(small_molecules.elements)
    sums = np.add.reduceat(found["values"][:, 12 * e + 2], found["atom_offsets"][:-1])
    np.testing.assert_allclose(sums, 0.0, atol=1e-4)


@pytest.mark.parametrize("feature", [ExtendedHuckel(), Fchl19ExtendedHuckel(elements="H C N O")])
def test_rotation_translation_and_order_of_atoms_change_nothing(feature, rng):
    for charges, positions in (ETHANE, ETHYLENE, WATER, OXYGEN):
        order = rng.permutation(len(charges))
        turned = Rotation.random(random_state=3).apply(np.array(positions)) + rng.normal(size=3)
        one = feature.compute(as_dataset((charges, positions)))
        other = feature.compute(as_dataset((np.array(charges)[order], turned[order])))
        np.testing.assert_allclose(other["values"], one["values"][order], atol=2e-5)
        if "totals" in one:
            np.testing.assert_allclose(other["totals"], one["totals"], atol=1e-4)


def test_padding_changes_nothing():
    alone = ExtendedHuckel(elements="H C O").compute(as_dataset(WATER))["values"]
    beside = ExtendedHuckel(elements="H C O").compute(as_dataset(WATER, ETHANE))["values"]
    np.testing.assert_array_equal(beside[:3], alone)


def test_totals_are_sums_of_the_vectors_behind_the_numbers_of_atoms(small_molecules):
    molecules = small_molecules[::40]
    found = ExtendedHuckelTotals().compute(molecules)["values"]
    beside = Fchl19ExtendedHuckel().compute(molecules)
    elements = len(molecules.elements)
    np.testing.assert_array_equal(found[:, :elements], beside["compositions"])
    np.testing.assert_allclose(found[:, elements:], beside["totals"], rtol=1e-6, atol=1e-6)


def test_molecules_that_are_handled_together_are_as_alone(small_molecules, monkeypatch):
    monkeypatch.setattr(extended_huckel, "MOLECULES_AT_ONCE", 5)
    feature = ExtendedHuckel(elements="H C N O F")
    chosen = small_molecules[::7]
    together = feature.compute(chosen)["values"]
    alone = [feature.compute(chosen[[i]])["values"] for i in range(len(chosen))]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-6)


def test_pinned_columns_are_the_same_for_fewer_elements():
    feature = ExtendedHuckel().pinned(as_dataset(WATER, ETHANE))
    assert feature.elements == "H C O"
    assert feature.compute(as_dataset(ETHANE))["values"].shape == (8, 15 * 3 + 3)


@pytest.mark.parametrize(
    ("feature", "charge", "message"),
    [
        (ExtendedHuckel(elements="H O"), 6, "made for H, O and a molecule has C"),
        (ExtendedHuckel(), 92, "no constants for U; leave out molecules"),
        (Fchl19ExtendedHuckel(elements="H O"), 6, "made for H, O and a molecule has C"),
        (RadiusGraphExtendedHuckel(elements="H O"), 6, "made for H, O and a molecule has C"),
    ],
)
def test_an_unknown_element_is_refused(feature, charge, message):
    with pytest.raises(ModelError, match=message):
        feature.compute(as_dataset(([charge], [[0.0, 0.0, 0.0]])))


def test_beside_fchl19_stand_weighted_vectors_and_their_sums_by_element():
    molecules = as_dataset(WATER, ETHANE)
    found = Fchl19ExtendedHuckel(weight=0.5, elements="H C O").compute(molecules)
    geometry = Fchl19(
        two_body_cutoff=5.0, three_body_cutoff=5.0, element_similarity=1.6, elements="H C O"
    ).compute(molecules)["values"]
    electrons = ExtendedHuckel(elements="H C O").compute(molecules)["values"]
    width = geometry.shape[1]
    np.testing.assert_array_equal(found["values"][:, :width], geometry)
    np.testing.assert_allclose(found["values"][:, width:], 0.5 * electrons, rtol=1e-6)
    columns = electrons.shape[1]
    assert found["totals"].shape == (2, 3 * columns)
    np.testing.assert_allclose(found["totals"][0, :columns], electrons[1:3].sum(axis=0), rtol=1e-6)
    np.testing.assert_allclose(found["totals"][0, 2 * columns :], electrons[0], rtol=1e-6)
    assert (found["totals"][0, columns : 2 * columns] == 0).all()


def test_at_the_atoms_of_a_radius_graph_stand_the_same_vectors():
    molecules = as_dataset(WATER, ETHANE)
    feature = RadiusGraphExtendedHuckel(cutoff=2.0).pinned(molecules)
    found = feature.compute(molecules)
    electrons = ExtendedHuckel(elements="H C O").compute(molecules)["values"]
    np.testing.assert_array_equal(found.pop("descriptors"), electrons)
    graphs = RadiusGraph(cutoff=2.0).compute(molecules)
    assert found.keys() == graphs.keys()
    assert all(np.array_equal(found[name], array) for name, array in graphs.items())


@pytest.mark.parametrize(
    ("left_out", "kept"),
    [
        # Of 360 columns 312 are FCHL19's, then come 36 of bonds, 6 of charges and 6 of bonds.
        ({"geometry": False}, np.r_[312:360]),
        ({"bonds": False, "charges": False}, np.r_[0:312]),
        ({"bonds": False}, np.r_[0:312, 348:354]),
        ({"charges": False}, np.r_[0:348, 354:360]),
    ],
)
def test_parts_of_the_vectors_can_be_left_out_and_the_totals_stay(left_out, kept):
    molecules = as_dataset(WATER, ETHANE)
    whole = Fchl19ExtendedHuckel().compute(molecules)
    found = Fchl19ExtendedHuckel(**left_out).compute(molecules)
    np.testing.assert_array_equal(found["values"], whole["values"][:, kept])
    np.testing.assert_array_equal(found["totals"], whole["totals"])


def test_without_any_part_of_the_vectors_there_is_an_error():
    feature = Fchl19ExtendedHuckel(geometry=False, bonds=False, charges=False)
    with pytest.raises(ModelError, match="set one of them to true"):
        feature.compute(as_dataset(WATER))
