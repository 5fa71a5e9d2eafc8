"""FCHL19 with the density of GFN2-xTB against tblite's own numbers, and by symmetry."""

import numpy as np
import pytest
from ase.build import molecule
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset, pad
from qm7bench.errors import ModelError
from qm7bench.features._gfn2_vectors import vectors_of_atoms
from qm7bench.features._tblite import converged
from qm7bench.features.fchl19 import Fchl19
from qm7bench.features.fchl19_gfn2_xtb import Fchl19Gfn2Xtb

ELEMENTS = np.array([1, 6, 8, 16])
E = len(ELEMENTS)
CHARGE, OTHERS, WITHIN = 12 * E + 2, 15 * E + 3, 19 * E + 3
"""First columns of the charge, and of P H with other atoms and within one."""


def g2(name):
    """Charges and positions of a molecule of ASE's g2 collection."""
    atoms = molecule(name)
    return atoms.numbers.astype(np.int64), atoms.positions


def as_dataset(*molecules):
    charges, positions = pad([(np.array(z), np.array(r, dtype=float)) for z, r in molecules])
    n = np.arange(len(charges))
    return Dataset("test", n + 7, charges, positions, np.zeros(len(n)), np.zeros(len(n), dtype=int))


def calculation(charges, positions):
    return converged("GFN2-xTB", charges, positions / ANGSTROM_PER_BOHR, save_integrals=1)


@pytest.mark.parametrize("name", ["H2O", "CH3COOH", "C4H4S", "SO2"])
def test_charges_and_energies_of_atoms_are_those_of_tblite(name):
    found, results = (
        vectors_of_atoms(as_dataset(g2(name)), ELEMENTS),
        calculation(*g2(name)).results,
    )
    np.testing.assert_allclose(found[:, CHARGE], results.get("charges"), atol=1e-8)
    assert found[:, -1].sum() == pytest.approx(results.get("energy"), abs=1e-10)
    assert found[:, CHARGE].sum() == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("name", ["CH3COOH", "C4H4S"])
def test_energies_between_and_within_atoms_are_all_of_the_first_hamiltonian(name):
    found, results = (
        vectors_of_atoms(as_dataset(g2(name)), ELEMENTS),
        calculation(*g2(name)).results,
    )
    density, hamiltonian = results.get("density-matrix"), results.get("hamiltonian-matrix")
    parts = found[:, OTHERS:WITHIN].sum(), found[:, WITHIN : WITHIN + 2].sum()
    own = np.trace(density * hamiltonian)
    assert parts[0] == pytest.approx((density * hamiltonian).sum() - own)
    assert parts[1] == pytest.approx(own)


def test_energies_between_atoms_stand_by_shells_and_the_others_element():
    """In water, whose orbitals are s, y, z, x of oxygen and s of each hydrogen."""
    found, results = (
        vectors_of_atoms(as_dataset(g2("H2O")), ELEMENTS),
        calculation(*g2("H2O")).results,
    )
    energies = results.get("density-matrix") * results.get("hamiltonian-matrix")
    by_shell = found[:, OTHERS:WITHIN].reshape(3, E, 2, 2)  # atom, element, own and other's shell
    assert by_shell[0, 0, 0, 0] == pytest.approx(energies[0, 4:].sum())
    assert by_shell[0, 0, 1, 0] == pytest.approx(energies[1:4, 4:].sum())
    assert by_shell[1, 2, 0, 1] == pytest.approx(energies[4, 1:4].sum())
    assert by_shell[1, 0, 0, 0] == pytest.approx(energies[4, 5])
    assert np.count_nonzero(by_shell[0]) == 2
    np.testing.assert_allclose(
        found[0, WITHIN : WITHIN + 2], [energies[0, 0], np.trace(energies[1:4, 1:4])]
    )


def test_orbitals_d_count_with_p():
    found, results = (
        vectors_of_atoms(as_dataset(g2("SO2")), ELEMENTS),
        calculation(*g2("SO2")).results,
    )
    populations = np.diag(results.get("density-matrix"))
    assert g2("SO2")[0].tolist() == [16, 8, 8]
    assert len(populations) == 9 + 2 * 4
    expected = [populations[0], populations[1:9].sum()]
    np.testing.assert_allclose(found[0, 12 * E : CHARGE], expected)
    assert populations[4:9].sum() > 0.1


@pytest.mark.parametrize("name", ["CH3COOH", "CH4", "C6H6", "C2H2", "C4H4S", "O2", "OH"])
def test_rotation_translation_and_order_of_atoms_change_nothing(name, rng):
    charges, positions = g2(name)
    feature = Fchl19Gfn2Xtb(elements="H C O S")
    order = rng.permutation(len(charges))
    turned = Rotation.random(random_state=3).apply(positions) + rng.normal(size=3)
    one = feature.compute(as_dataset((charges, positions)))
    other = feature.compute(as_dataset((charges[order], turned[order])))
    np.testing.assert_allclose(other["values"], one["values"][order], atol=2e-5)
    np.testing.assert_allclose(other["totals"], one["totals"], atol=1e-8)


@pytest.mark.parametrize("name", ["CH4", "C6H6"])
def test_equivalent_atoms_have_equal_vectors(name):
    charges, _ = g2(name)
    found = vectors_of_atoms(as_dataset(g2(name)), ELEMENTS)
    for charge in (1, 6):
        own = found[charges == charge]
        np.testing.assert_allclose(own, np.tile(own[0], (len(own), 1)), atol=1e-4)


def test_degenerate_orbitals_share_their_electrons():
    """An equilateral triangle of H has one electron in two orbitals: no atom gets it alone."""
    corners = np.exp(2j * np.pi * np.arange(3) / 3) * 0.6
    positions = np.stack([corners.real, corners.imag, np.zeros(3)], axis=1)
    found = vectors_of_atoms(as_dataset(([1, 1, 1], positions)), ELEMENTS)
    np.testing.assert_allclose(found, np.tile(found[0], (3, 1)), atol=1e-6)


def test_beside_fchl19_stand_weighted_vectors_and_their_sums_by_element():
    molecules = as_dataset(g2("H2O"), g2("C2H6"))
    feature = Fchl19Gfn2Xtb(weight=0.5).pinned(molecules)
    assert feature.elements == "H C O"
    found = feature.compute(molecules)
    geometry = Fchl19(
        two_body_cutoff=5.0, three_body_cutoff=5.0, element_similarity=1.6, elements="H C O"
    ).compute(molecules)["values"]
    electrons = vectors_of_atoms(molecules, np.array([1, 6, 8]))
    width, columns = geometry.shape[1], 19 * 3 + 6
    assert found["values"].shape == (11, width + columns)
    np.testing.assert_array_equal(found["values"][:, :width], geometry)
    np.testing.assert_allclose(found["values"][:, width:], 0.5 * electrons, rtol=1e-6)
    assert found["totals"].shape == (2, 3 * columns)
    hydrogens = electrons[:3][found["charges"][:3] == 1]
    np.testing.assert_allclose(found["totals"][0, :columns], hydrogens.sum(axis=0))
    assert (found["totals"][0, columns : 2 * columns] == 0).all()
    np.testing.assert_allclose(found["totals"][0, 2 * columns :], electrons[0])


@pytest.mark.parametrize(
    ("elements", "charges", "positions", "message"),
    [
        ("H O", [6], [[0, 0, 0]], "made for H, O and a molecule has C"),
        ("", [53, 1], [[0, 0, 0], [0, 0, 1.6]], "GFN2-xTB: no covalent radius for I; leave out"),
        ("", [1, 1], [[0, 0, 0], [0, 0, 0]], "GFN2-xTB: no energy for molecule 7 of test; check"),
    ],
)
def test_what_the_method_cannot_do_is_refused(elements, charges, positions, message):
    with pytest.raises(ModelError, match=message):
        Fchl19Gfn2Xtb(elements=elements).compute(as_dataset((charges, positions)))


def test_the_molecule_without_an_energy_is_named_behind_others():
    apart, close = ([1, 1], [[0, 0, 0], [0, 0, 0.74]]), ([1, 1], [[0, 0, 0], [0, 0, 0]])
    with pytest.raises(ModelError, match="no energy for molecule 8 of test"):
        Fchl19Gfn2Xtb().compute(as_dataset(apart, close))
