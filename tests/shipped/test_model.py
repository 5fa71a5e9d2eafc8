"""Predictions of the model qm7 that is in the package, and of one that was made here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from qm7bench.datasets.dataset import Dataset, pad
from qm7bench.errors import ModelError
from qm7bench.shipped.choice import load_shipped
from qm7bench.shipped.files import names
from qm7bench.shipped.model import ShippedModel


@pytest.fixture(scope="module")
def qm7_model():
    return load_shipped("qm7")


@pytest.fixture(scope="module", params=names())
def model(request):
    """Each model of the package."""
    return load_shipped(request.param)


@pytest.fixture(scope="module")
def few(small_molecules):
    """Ten molecules without fluorine."""
    return small_molecules[~(small_molecules.charges == 9).any(axis=1)][::30]


METHANE = Dataset(
    "methane",
    np.arange(1),
    np.array([[6, 1, 1, 1, 1]]),
    1.0922 / np.sqrt(3) * np.array([[[0, 0, 0], [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]]),
    np.full(1, np.nan),
    np.zeros(1, dtype=np.int64),
)


def test_methane_has_its_energy_of_pbe0(qm7_model):
    """-418.0 kcal/mol by PBE0 in its MMFF94 geometry, as published in qm7.mat (molecule 0)."""
    found = qm7_model.predict(METHANE)
    assert found.energies[0] == pytest.approx(-418.0, abs=1.0)
    assert found.half_widths[0] < 10
    assert found.molecules is METHANE


@pytest.mark.needs_qm7
def test_molecules_of_qm7_have_their_energies_within_the_error(qm7_model, qm7):
    """These molecules were in the fit, so that the mean error is below the nested one."""
    some = qm7[::120]
    found = qm7_model.predict(some)
    errors = np.abs(found.energies - some.energies)
    assert errors.mean() < qm7_model.description["errors"]["mae"]
    assert (errors <= found.half_widths).mean() > 0.9
    assert sum(warning != "" for warning in found.warnings) <= 1


def test_molecules_of_qm9_have_their_energies_within_the_error(small_molecules):
    some = small_molecules[::6]
    found = load_shipped("qm9").predict(some)
    errors = np.abs(found.energies - some.energies)
    assert np.median(errors) < found_mae("qm9")
    assert (errors <= found.half_widths).mean() > 0.9


def found_mae(name):
    return load_shipped(name).description["errors"]["mae"]


def test_rotation_translation_and_order_change_nothing(model, few, rng):
    expected = model.predict(few)
    turned = few.positions @ Rotation.random(random_state=rng).as_matrix() + rng.normal(size=3)
    orders = [rng.permutation(size) for size in few.sizes]
    charges, positions = pad(
        [(few.charges[i, o], turned[i, o]) for i, o in enumerate(orders)], atoms=30
    )
    moved = replace(few, charges=charges, positions=positions)
    found = model.predict(moved)
    np.testing.assert_allclose(found.energies, expected.energies, atol=2e-3)  # kcal/mol
    np.testing.assert_allclose(found.half_widths, expected.half_widths, rtol=1e-12)
    assert [w == "" for w in found.warnings] == [w == "" for w in expected.warnings]


def test_each_molecule_is_predicted_by_itself(model, few, monkeypatch):
    together = model.predict(few).energies
    monkeypatch.setattr("qm7bench.shipped.model.MOLECULES_AT_ONCE", 3)
    np.testing.assert_allclose(model.predict(few).energies, together, atol=1e-4)
    one = [model.predict(few[[i]]).energies[0] for i in range(3)]
    np.testing.assert_allclose(one, together[:3], atol=1e-4)


def test_other_elements_have_no_energy_and_a_reason(qm7_model, few):
    charges = few.charges.copy()
    charges[1, 0] = 9
    charges[4, :2] = 35
    found = qm7_model.predict(replace(few, charges=charges))
    missing = np.isnan(found.energies)
    assert np.flatnonzero(missing).tolist() == [1, 4]
    assert np.isnan(found.half_widths)[[1, 4]].all()
    assert found.warnings[1] == "no prediction; unseen element F"
    assert "unseen element Br" in found.warnings[4]
    others = np.flatnonzero(~missing)
    expected = qm7_model.predict(few[others]).energies
    np.testing.assert_allclose(found.energies[others], expected, atol=1e-4)


def test_molecules_unlike_those_of_the_fit_are_warned_of_by_their_atom(qm7_model):
    """A CH5 carbon, and a chain of 30 carbons, which is larger than every molecule of QM7."""
    crowded = np.vstack([METHANE.positions[0], [[1.2, 0, 0]]])
    chain = np.zeros((30, 3))
    chain[:, 0] = 1.3 * np.arange(30)
    charges, positions = pad([(np.array([6, 1, 1, 1, 1, 1]), crowded), (np.full(30, 6), chain)])
    two = np.zeros(2, dtype=np.int64)
    found = qm7_model.predict(Dataset("d", two, charges, positions, np.full(2, np.nan), two))
    assert found.warnings[0].startswith("atom ")
    assert "is unlike the atoms that the model knows" in found.warnings[0]
    assert found.warnings[1].startswith("30 atoms, trained on at most 23; atom ")
    assert np.isfinite(found.energies).all()
    assert found.half_widths.tolist() == [qm7_model.intervals.half_widths[-1]] * 2


def test_a_molecule_that_is_refused_says_why_and_spoils_no_other(made, small_molecules):
    model, three = ShippedModel.load(made.folder), small_molecules[[10, 20, 30]]

    class Refusing:
        layout = model.feature.layout

        def compute(self, dataset):
            if 20 in [int(i) for i in np.flatnonzero(np.isin(small_molecules.ids, dataset.ids))]:
                raise ModelError("the representation refuses it")
            return model.feature.compute(dataset)

    found = replace(model, feature=Refusing()).predict(three)
    assert np.isnan(found.energies).tolist() == [False, True, False]
    assert found.warnings[1] == "no prediction: the representation refuses it"
    np.testing.assert_allclose(found.energies[[0, 2]], model.predict(three).energies[[0, 2]])
