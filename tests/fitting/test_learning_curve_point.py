"""Points of learning curves: what they are trained on, and what is chosen inside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json
from qm7bench.errors import ModelError
from qm7bench.evaluation.training_subsets import nested_order
from qm7bench.features.eigenspectrum import Eigenspectrum
from qm7bench.fitting.job import Entry, FitInputs
from qm7bench.fitting.learning_curve_point import (
    IN_EPOCHS,
    Point,
    fit_point,
    parameters_within,
    with_equal_steps,
)
from qm7bench.fitting.training_subset import training_subset
from qm7bench.models.kernel_ridge import KernelRidge
from qm7bench.registry.modules import known, parameters_of

GRID = {"gamma": [1e-4, 1e-3, 1e-2], "alpha": [1e-6, 1e-3]}


ENTRY = Entry("qm9small", "eigenspectrum", "kernel_ridge", "kernel_ridge", {}, GRID, seed=0)


@pytest.fixture(scope="module")
def features(small_molecules):
    return Eigenspectrum().compute(small_molecules)["values"]


@pytest.fixture
def inputs(small_molecules, features):
    """A kernel ridge with a small grid."""
    return FitInputs(ENTRY, small_molecules, features, {})


@pytest.mark.parametrize("n", [1, 2, 3, 64, 777])
@pytest.mark.parametrize("size", [10, 100, 250, 700])
def test_every_beginning_is_spread_evenly_over_the_energies(rng, n, size):
    energies = rng.permutation(n).astype(float)
    order = nested_order(energies, np.full((n, 1), 6), rng)
    assert sorted(order) == list(range(n))
    counts = np.histogram(energies[order[:size]], bins=10, range=(0, n))[0]
    if size < n:
        assert np.abs(counts - size / 10).max() <= 3


def test_draws_differ_and_the_smaller_is_contained_in_the_larger(small_molecules):
    training = np.flatnonzero(small_molecules.folds != 1)

    def drawn(size, draw, seed=0):
        return training_subset(small_molecules, training, 1, size, draw, seed).tolist()

    assert set(drawn(20, 0)) < set(drawn(33, 0)) < set(drawn(150, 0)) <= set(training)
    assert [len(drawn(n, 0)) for n in (20, 33, 150)] == [20, 33, 150]
    assert drawn(33, 0) == drawn(33, 0)
    assert drawn(33, 0) != drawn(33, 1)
    assert drawn(33, 0) != drawn(33, 0, seed=1)


def test_every_molecule_is_as_likely_to_be_drawn(rng):
    counts = np.zeros(21)
    for _ in range(3000):
        counts[nested_order(np.arange(21.0), np.full((21, 1), 6), rng)[:7]] += 1
    np.testing.assert_allclose(counts / 3000, 1 / 3, atol=0.05)


def test_the_smallest_subsets_hold_every_element(small_molecules):
    training = np.flatnonzero(small_molecules.folds != 0)
    elements = set(np.unique(small_molecules.charges[training]))
    for draw in range(5):
        chosen = training_subset(small_molecules, training, 0, 10, draw, 0)
        assert set(np.unique(small_molecules.charges[chosen])) == elements


def test_the_error_is_that_of_a_plain_fit_to_the_subset(inputs, tmp_path):
    small_molecules, features = inputs.dataset, inputs.features
    point = Point(fold=2, size=100, draw=1)
    path = tmp_path / "size100.draw1.json"
    metrics = fit_point(inputs, point, path)
    assert metrics == read_json(path)
    test = small_molecules.folds == 2
    chosen = training_subset(small_molecules, np.flatnonzero(~test), 2, 100, 1, 0)
    assert not set(chosen) & set(np.flatnonzero(test))
    model = KernelRidge(**metrics["parameters"]).fit(
        features[chosen], small_molecules.energies[chosen]
    )
    errors = model.predict(features[test]) - small_molecules.energies[test]
    assert metrics["mae"] == pytest.approx(np.abs(errors).mean(), abs=1e-6)  # kcal/mol
    assert metrics["test_molecules"] == test.sum()
    assert (metrics["left_out"], metrics["all_training_molecules"]) == (False, (~test).sum())
    assert list(tmp_path.iterdir()) == [path]


def test_an_entry_of_some_molecules_has_points_below_its_own_number(inputs, tmp_path):
    some = replace(inputs, entry=replace(ENTRY, molecules=60))
    for size, left_out in ((50, False), (60, True), (100, True)):
        metrics = fit_point(some, Point(2, size, 0), tmp_path / f"size{size}.json")
        assert (metrics["left_out"], metrics["all_training_molecules"]) == (left_out, 60)


def test_parameters_are_chosen_by_refits_inside_the_subset(inputs):
    small_molecules, features = inputs.dataset, inputs.features
    training = np.flatnonzero(small_molecules.folds != 2)
    chosen = training_subset(small_molecules, training, 2, 80, 0, 0)
    own, energies = features[chosen], small_molecules.energies[chosen]
    folds = small_molecules.folds[chosen]
    best, smallest = None, np.inf
    for gamma in GRID["gamma"]:
        for alpha in GRID["alpha"]:
            errors = []
            for j in np.unique(folds):
                model = KernelRidge(gamma=gamma, alpha=alpha)
                model.fit(own[folds != j], energies[folds != j])
                errors.append(np.abs(model.predict(own[folds == j]) - energies[folds == j]).mean())
            if np.mean(errors) < smallest:
                best, smallest = {"gamma": gamma, "alpha": alpha}, np.mean(errors)
    assert parameters_within(inputs, chosen) == best


def test_the_energies_of_the_test_fold_change_nothing_that_is_chosen(
    inputs, small_molecules, tmp_path
):
    shifted = np.where(small_molecules.folds == 2, -1.0, small_molecules.energies)
    point = Point(fold=2, size=60, draw=0)
    one, other = (
        fit_point(replace(inputs, dataset=dataset), point, tmp_path / "point.json")
        for dataset in (small_molecules, replace(small_molecules, energies=shifted))
    )
    assert one["parameters"] == other["parameters"]
    assert one["subset_sha256"] == other["subset_sha256"]
    assert one["mae"] != other["mae"]


@pytest.mark.parametrize("more", [0, 1, 5000])
def test_a_point_that_is_no_less_than_the_training_folds_is_left_out(inputs, tmp_path, more):
    size = int((inputs.dataset.folds != 0).sum()) + more
    metrics = fit_point(inputs, Point(0, size, 0), tmp_path / "p.json")
    assert metrics["left_out"]
    assert "mae" not in metrics


def test_molecules_of_one_fold_cannot_choose(inputs):
    chosen = np.flatnonzero(inputs.dataset.folds == 1)[:12]
    with pytest.raises(ModelError, match="all 12 molecules are of one fold; give larger sizes"):
        parameters_within(inputs, chosen)


def test_a_grid_of_which_nothing_can_be_fitted_is_an_error(inputs, small_molecules):
    unknown = replace(small_molecules, energies=np.full(len(small_molecules), np.nan))
    with pytest.raises(ModelError, match="no grid point could be fitted to 12 molecules"):
        parameters_within(replace(inputs, dataset=unknown), np.arange(12))


def test_a_network_takes_as_many_steps_on_fewer_molecules():
    parameters = {"epochs": 80, "batch_size": 32}
    found = with_equal_steps("painn", parameters, size=100, whole=5732)
    # 180 minibatches an epoch become four.
    assert (found["epochs"], found["warmup_epochs"], found["batch_size"]) == (3600, 45.0, 32)
    assert with_equal_steps("painn", parameters, size=5732, whole=5732)["epochs"] == 80


def test_models_without_epochs_keep_their_parameters():
    assert with_equal_steps("kernel_ridge", {"gamma": 1.0}, 10, 1000) == {"gamma": 1.0}


def test_every_parameter_that_counts_epochs_is_known_to_count_them():
    names = {name for module in known("models") for name in parameters_of("models", module)}
    assert {n for n in names if "epochs" in n or "patience" in n} <= set(IN_EPOCHS)
