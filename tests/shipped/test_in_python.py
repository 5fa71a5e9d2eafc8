"""`qm7bench.predict` for molecules of ASE."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule

import qm7bench
from qm7bench.errors import ArtefactError, DataSetError, GeometryError


@pytest.fixture(scope="module")
def found():
    return qm7bench.predict([molecule("CH4"), molecule("SH2")], model="qm7")


def test_several_molecules_have_energies_intervals_and_warnings(found):
    assert found.energies[0] == pytest.approx(-418, abs=3)  # kcal/mol; QM7's molecule 0 has -418.0
    assert found.model == "qm7"
    assert (found.lower < found.energies).all()
    assert (found.energies < found.upper).all()
    assert len(found.warnings) == 2
    assert "PBE0" in found.about


def test_one_molecule_is_predicted_as_several_are(found):
    alone = qm7bench.predict(molecule("CH4"), model="qm7")
    assert alone.energies.shape == (1,)
    assert alone.energies[0] == pytest.approx(found.energies[0], abs=1e-5)


def test_any_iterable_will_do(found):
    again = qm7bench.predict((m for m in [molecule("CH4"), molecule("SH2")]), model="qm7")
    np.testing.assert_array_equal(again.energies, found.energies)


def test_sulphur_is_for_qm7_and_other_elements_have_no_energy():
    found = qm7bench.predict([molecule("SH2"), molecule("CH3SH"), molecule("CH3Cl")])
    assert found.model == "qm7"
    assert np.isnan(found.energies).tolist() == [False, False, True]
    assert np.isnan(found.lower[2])
    assert "unseen element Cl" in found.warnings[2]


def test_the_atoms_are_not_modified():
    atoms = molecule("CH3OH")
    copy = atoms.copy()
    qm7bench.predict(atoms, model="qm7")
    assert atoms == copy


def test_a_periodic_cell_with_one_molecule_is_made_whole():
    atoms = molecule("CH3OH")
    expected = qm7bench.predict(atoms, model="qm7").energies
    atoms.set_cell([12.0, 13.0, 14.0])
    atoms.set_pbc(True)
    atoms.translate([5.9, 0.1, 6.9])
    atoms.wrap()
    found = qm7bench.predict(atoms, model="qm7").energies
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("atoms", "error", "said"),
    [
        ([], DataSetError, "no molecules"),
        ([Atoms()], DataSetError, "molecule 0 has no atoms"),
        (["CCO"], DataSetError, "molecule 0 is of the type str; give ase.Atoms"),
        ([molecule("CH4"), Atoms("X")], DataSetError, "molecule 1 has a dummy atom"),
        (Atoms("HH", positions=np.zeros((2, 3))), GeometryError, "atoms 0 and 1 are 0.000"),
        (Atoms("Cu", cell=[2, 2, 2], pbc=True), GeometryError, "molecule 0"),
    ],
)
def test_what_cannot_be_predicted_is_a_clear_error(atoms, error, said):
    with pytest.raises(error, match=re.escape(said)):
        qm7bench.predict(atoms)


def test_an_unknown_model_is_a_clear_error():
    with pytest.raises(ArtefactError, match="qm8: no such model; there are"):
        qm7bench.predict(molecule("CH4"), model="qm8")


def test_other_attributes_of_the_package_are_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'predictt'"):
        _ = qm7bench.predictt
