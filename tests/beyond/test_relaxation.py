"""Molecules that GFN2-xTB relaxes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from qm7bench.beyond.relaxation import deviations, relaxed, sampled_fold
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import DataSetError, GeometryError
from qm7bench.features.xtb import Xtb


@pytest.fixture(scope="module")
def few(qm9small):
    """Methane, ammonia, water and ethanol."""
    return qm9small[np.isin(qm9small.ids, [1, 2, 3, 14])]


@pytest.fixture(scope="module")
def relaxation(few):
    return relaxed(few)


def of(charges, positions):
    """Data set of one molecule."""
    places, zero = np.array([positions], dtype=float), np.zeros(1)
    return Dataset("test", np.array([7]), np.array([charges]), places, zero, zero)


def test_the_energy_falls_by_what_the_method_says_of_both_geometries(few, relaxation):
    before, after = (Xtb().compute(d)["values"][:, 0] for d in (few, relaxation.dataset))
    np.testing.assert_allclose(relaxation.energies, after - before, atol=1e-3)  # kcal/mol
    assert (relaxation.energies < 0).all()
    assert relaxation.failed == []
    assert (relaxation.steps > 0).all()


def test_only_positions_change(few, relaxation):
    found = relaxation.dataset
    assert (found.name, found.ids.tolist()) == (few.name, few.ids.tolist())
    for name in ("charges", "energies", "folds"):
        np.testing.assert_array_equal(getattr(found, name), getattr(few, name))
    assert found.positions.shape == few.positions.shape
    assert not found.positions[found.charges == 0].any()
    assert (deviations(few, found) > 0.001).all()
    assert (deviations(few, found) < 0.1).all()  # Angstrom


def test_a_relaxed_molecule_stays_as_it_is(relaxation):
    again = relaxed(relaxation.dataset)
    assert again.steps.tolist() == [0] * len(again.steps)
    np.testing.assert_array_equal(again.dataset.positions, relaxation.dataset.positions)


def test_a_turned_molecule_relaxes_to_the_same(few, relaxation, rng):
    turned = few.positions @ Rotation.random(rng=rng).as_matrix().T + 1.0
    found = relaxed(replace(few, positions=np.where(few.charges[..., None] > 0, turned, 0.0)))
    np.testing.assert_allclose(found.energies, relaxation.energies, atol=1e-2)  # kcal/mol
    assert (deviations(found.dataset, relaxation.dataset) < 0.02).all()  # Angstrom


def test_what_does_not_relax_is_left_out_by_its_id(few):
    charges = few.charges.copy()
    charges[1, 0] = 92
    found = relaxed(replace(few, charges=charges))
    assert found.failed == [2]
    assert found.dataset.ids.tolist() == [1, 3, 14]
    assert len(found.energies) == len(found.steps) == 3


def test_too_few_steps_are_a_failure(few, monkeypatch):
    monkeypatch.setattr("qm7bench.beyond.relaxation.STEPS", 4)
    found = relaxed(few)
    assert 14 in found.failed
    assert (found.steps <= 4).all()


def test_a_data_set_of_which_nothing_relaxes_is_refused():
    with pytest.raises(DataSetError, match="test: GFN2-xTB relaxed none of 1 molecules"):
        relaxed(of([92, 1], [[0, 0, 0], [0, 0, 2.0]]))


@pytest.mark.parametrize("force", [0.0, -0.1, np.nan])
def test_a_force_that_nothing_can_reach_is_refused(few, force):
    with pytest.raises(GeometryError, match="not > 0; give eV/Angstrom"):
        relaxed(few, force)


def test_a_smaller_force_takes_more_steps(few, relaxation):
    assert relaxed(few, 0.2).steps.sum() < relaxation.steps.sum()


def test_the_sample_is_of_the_fold_and_depends_on_the_seed_only(qm9small):
    found = sampled_fold(qm9small, 1, 50, seed=0)
    assert (found.folds == 1).all()
    assert len(set(found.ids)) == 50
    assert (np.diff(found.ids) > 0).all()
    np.testing.assert_array_equal(found.ids, sampled_fold(qm9small, 1, 50, seed=0).ids)
    assert set(found.ids) != set(sampled_fold(qm9small, 1, 50, seed=1).ids)


def test_a_fold_with_no_more_molecules_is_taken_whole(qm9small):
    small = qm9small[:40]
    assert sampled_fold(small, 2, 300, 0).ids.tolist() == small.ids[small.folds == 2].tolist()


def test_deviations_by_hand():
    one = of([1, 1], [[0, 0, 0], [0, 0, 1.0]])
    longer = of([1, 1], [[5, 0, 0], [5, 2.0, 0]])
    assert deviations(one, longer) == pytest.approx([0.5])  # each atom by half of the stretch
    assert deviations(of([1], [[0, 0, 0]]), of([1], [[1, 2, 3]])).tolist() == [0.0]


def test_turning_is_no_deviation_and_mirroring_is(few, rng):
    ethanol = few[few.ids == 14]
    chiral = replace(ethanol, positions=ethanol.positions + 0.3 * rng.normal(size=(3,)))
    chiral.positions[0, 4] += [0.3, 0.5, -0.2]
    turned = replace(chiral, positions=chiral.positions @ Rotation.random(rng=rng).as_matrix())
    mirrored = replace(chiral, positions=chiral.positions * [1, 1, -1])
    assert deviations(chiral, turned) == pytest.approx([0.0], abs=1e-6)
    assert deviations(chiral, mirrored)[0] > 0.1
