"""The multilayer perceptron: its random orders, its binarisation, its training and its memory."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from qm7bench.errors import ModelError
from qm7bench.features.eigenspectrum import Eigenspectrum
from qm7bench.features.random_coulomb_matrix import RandomCoulombMatrix
from qm7bench.features.sorted_coulomb_matrix import SortedCoulombMatrix
from qm7bench.models._perceptron_inputs import (
    CHUNK,
    FixedRealisations,
    FreshRealisations,
    InputEncoding,
    Thresholds,
)
from qm7bench.models.multilayer_perceptron import MultilayerPerceptron
from qm7bench.training import loop

SMALL = {
    "first_hidden": 24,
    "second_hidden": 12,
    "epochs": 3,
    "batch_size": 16,
    "evaluate_every": 1,
}
FRESH = {**SMALL, "realisations": "fresh", "test_realisations": 3}


@pytest.fixture(scope="module")
def molecules(small_molecules):
    """Sixty molecules of all sizes."""
    return small_molecules[np.arange(0, 300, 5)]


@pytest.fixture(scope="module")
def triangles(molecules):
    """Their sorted Coulomb matrices."""
    return SortedCoulombMatrix().compute(molecules)["values"]


@pytest.fixture(scope="module")
def energies(molecules):
    """Their energies."""
    return molecules.energies


@pytest.fixture(autouse=True)
def one_thread():
    """Bits are compared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def as_matrices(triangles):
    """Full matrices, entry by entry."""
    size = 23
    matrices = np.zeros((len(triangles), size, size))
    for matrix, triangle in zip(matrices, triangles, strict=True):
        entries = iter(triangle)
        for i in range(size):
            for j in range(i, size):
                matrix[i, j] = matrix[j, i] = next(entries)
    return matrices


def test_realisations_without_noise_are_the_sorted_matrices(triangles, rng):
    drawn = FreshRealisations(triangles, noise=0.0).draw(np.arange(60), rng)
    rounding = 2e-5  # Hartree; rows whose norms are equal in float32 may change places
    same = np.abs(drawn - triangles).max(axis=1) < rounding
    assert same.mean() > 0.5
    np.testing.assert_allclose(
        np.linalg.norm(as_matrices(drawn), axis=2),
        np.linalg.norm(as_matrices(triangles), axis=2),
        rtol=1e-6,
    )


def test_a_realisation_is_a_reordering_of_the_atoms(triangles, rng):
    rows = np.array([7, 3, 59])
    drawn = FreshRealisations(triangles, noise=1.0).draw(rows, rng)
    assert np.abs(drawn - triangles[rows]).max() > 0.1  # Hartree
    np.testing.assert_allclose(
        np.linalg.eigvalsh(as_matrices(drawn)),
        np.linalg.eigvalsh(as_matrices(triangles[rows])),
        atol=1e-4,  # Hartree
    )


def test_noise_moves_atoms_as_often_as_the_feature_does(molecules, triangles, rng):
    one_molecule = np.full(4000, 40)
    ours = FreshRealisations(triangles, noise=1.0).draw(one_molecule, rng)
    theirs = RandomCoulombMatrix(noise=1.0, realisations=4000).compute(molecules[[40]])["values"][0]
    spread = theirs.std(axis=0) / np.sqrt(2000)
    assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 5 * spread + 1e-4).all()


def test_fresh_realisations_differ_from_draw_to_draw_and_leave_padding_last(triangles, rng):
    source = FreshRealisations(triangles, noise=1.0)
    first, second = (source.draw(np.arange(60), rng) for _ in range(2))
    assert (np.abs(first - second).max(axis=1) > 0).all()
    for before, after in zip(as_matrices(triangles), as_matrices(first), strict=True):
        np.testing.assert_array_equal(before.any(axis=1), after.any(axis=1))


def test_realisations_start_from_any_realisation_of_the_feature(molecules, triangles):
    values = RandomCoulombMatrix(realisations=2).compute(molecules)["values"]
    ours = FreshRealisations(values, noise=0.0).draw(np.arange(60), np.random.default_rng(0))
    theirs = FreshRealisations(triangles, noise=0.0).draw(np.arange(60), np.random.default_rng(0))
    unlike = np.abs(ours - theirs).max(axis=1) > 2e-5  # Hartree
    assert unlike.mean() < 0.5  # ties of equal rows keep the order that they came in


def test_fixed_realisations_are_the_features_own(molecules, rng):
    values = RandomCoulombMatrix(realisations=3).compute(molecules)["values"]
    source = FixedRealisations(values)
    assert source.available(10) == 3
    np.testing.assert_allclose(np.concatenate([*source.chunks(2, rng)]), values[:, 2], rtol=1e-6)
    drawn = source.draw(np.arange(60), rng)
    own = np.abs(values - drawn[:, None]).max(axis=2).min(axis=1)
    assert own.max() < 1e-5


def test_chunks_cover_every_molecule_once_in_order(rng):
    values = np.arange(2.0 * CHUNK + 10)[:, None]
    chunks = [*FixedRealisations(values).chunks(0, rng)]
    assert [len(c) for c in chunks] == [CHUNK, CHUNK, 10]
    np.testing.assert_array_equal(np.concatenate(chunks), values)


@pytest.mark.parametrize("drop_last", [False, True])
def test_binarisation_by_hand(drop_last):
    thresholds = Thresholds.up_to(np.array([2.5, 0.0]), step=1.0, drop_last=drop_last)
    inputs = InputEncoding(thresholds, np.float32([0.0]), np.float32([1.0]))(np.float32([[2.5, 0]]))
    expected = [2.5, 1.5, 0.5] if drop_last else [2.5, 1.5, 0.5, -0.5, 0.0]
    np.testing.assert_allclose(inputs[0], np.tanh(expected), atol=1e-6)


def test_the_step_is_the_width_of_the_tanh_too():
    thresholds = Thresholds.up_to(np.array([1.0]), step=0.5, drop_last=False)
    inputs = InputEncoding(thresholds, np.float32([0.0]), np.float32([1.0]))(np.float32([[0.7]]))
    np.testing.assert_allclose(inputs[0], np.tanh([1.4, 0.4, -0.6]), atol=1e-6)


@pytest.mark.parametrize("normalisation", ["global", "per_input"])
def test_inputs_are_centred_and_scaled_as_wished(normalisation, rng):
    columns = (rng.normal(size=(700, 3)) * [1, 10, 0] + [5, 0, 3]).astype(np.float32)
    encoding = InputEncoding.fitted([columns[:500], columns[500:]], None, normalisation)
    inputs = encoding(columns).numpy()
    np.testing.assert_allclose(inputs.mean(axis=0), 0, atol=1e-5)
    deviations = (columns - columns.mean(axis=0)).std() if normalisation == "global" else [1, 10, 1]
    np.testing.assert_allclose(
        inputs.std(axis=0) * deviations, columns.std(axis=0), rtol=0.1, atol=1e-5
    )


@pytest.mark.needs_qm7
@pytest.mark.parametrize(("drop_last", "published"), [(False, 2092), (True, 1816)])
def test_qm7_has_as_many_inputs_as_published(qm7, drop_last, published):
    """2,092: released code of Montavon et al.; 1,816: the replicated study."""
    values = SortedCoulombMatrix().compute(qm7[qm7.folds != 0])["values"]
    model = MultilayerPerceptron(realisations="fresh", drop_last_threshold=drop_last)
    encoding = model._fitted_encoding(model._source(values))
    assert encoding.number_of_inputs == pytest.approx(published, abs=4)


def test_it_learns_a_few_molecules_by_heart(triangles, energies):
    model = MultilayerPerceptron(
        first_hidden=100, second_hidden=50, epochs=120, batch_size=10, average_decay=0.9
    ).fit(triangles[:20], energies[:20])
    errors = np.abs(model.predict(triangles[:20]) - energies[:20])
    assert errors.max() < 0.03 * energies[:20].std()  # six seeds: at most 0.01


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "scaled_tanh", "silu"])
def test_every_activation_learns(triangles, energies, activation):
    model = MultilayerPerceptron(**FRESH | {"epochs": 20}, activation=activation)
    losses = [row["training_loss"] for row in model.fit(triangles, energies).history]
    assert losses[-1] < 0.7 * losses[0]


def test_eigenspectra_can_be_learnt_as_they_are(molecules, energies):
    values = Eigenspectrum().compute(molecules)["values"]
    settings = {"binarize": False, "normalisation": "per_input", "standardize_targets": False}
    model = MultilayerPerceptron(**SMALL, **settings).fit(values, energies)
    assert model.encoding_.number_of_inputs == 23
    assert model.number_of_parameters == 24 * 24 + 25 * 12 + 13
    assert np.isfinite(model.predict(values)).all()


def test_a_seed_decides_everything(triangles, energies):
    first, again, other = (
        MultilayerPerceptron(**FRESH, seed=seed).fit(triangles, energies).predict(triangles)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).min() > 0


def test_a_prediction_is_the_mean_of_its_realisations(triangles, energies):
    model = MultilayerPerceptron(**FRESH).fit(triangles, energies)
    drawn = np.random.default_rng(model.seed)
    one_by_one = []
    for _ in range(3):
        inputs = model.encoding_(model._source(triangles).draw(np.arange(60), drawn))
        one_by_one.append(model.network_(inputs).detach().numpy())
    expected = model.mean_ + model.scale_ * np.mean(one_by_one, axis=0)
    np.testing.assert_allclose(model.predict(triangles), expected, rtol=1e-6)
    assert np.std(one_by_one, axis=0).max() > 0


def test_the_feature_given_is_not_changed(triangles, energies):
    before = triangles.copy()
    MultilayerPerceptron(**FRESH).fit(triangles, energies).predict(triangles)
    np.testing.assert_array_equal(triangles, before)


@pytest.mark.parametrize("settings", [FRESH, {**SMALL, "binarize": False}])
def test_a_restored_model_predicts_the_same(triangles, energies, settings):
    model = MultilayerPerceptron(**settings).fit(triangles, energies)
    arrays = model.state()
    assert all(a.dtype != object for a in arrays.values())
    restored = MultilayerPerceptron(**settings).restore(arrays)
    np.testing.assert_array_equal(restored.predict(triangles), model.predict(triangles))
    assert restored.number_of_parameters == model.number_of_parameters


def test_a_resumed_training_ends_like_an_uninterrupted_one(
    triangles, energies, tmp_path, monkeypatch
):
    whole = MultilayerPerceptron(**FRESH).fit(triangles, energies)
    monkeypatch.setattr(loop._Training, "_step", _breaking_at(loop._Training._step, step=6))
    monkeypatch.setattr(loop._Training, "_write_when_due", _forced(loop._Training._write_when_due))
    resumed = MultilayerPerceptron(**FRESH)
    resumed.workspace = tmp_path
    with pytest.raises(KeyboardInterrupt):
        resumed.fit(triangles, energies)
    monkeypatch.undo()
    again = MultilayerPerceptron(**FRESH)
    again.workspace = tmp_path
    again.fit(triangles, energies)
    np.testing.assert_array_equal(again.predict(triangles), whole.predict(triangles))
    losses = [[row["training_loss"] for row in m.history] for m in (whole, again)]
    assert losses[0] == losses[1]


def _breaking_at(take_step, step):
    taken = []

    def breaking(self, rows):
        if len(taken) == step:
            raise KeyboardInterrupt
        taken.append(rows)
        take_step(self, rows)

    return breaking


def _forced(write):
    return lambda self, force=False: write(self, force=True)


def test_watched_molecules_are_recorded_and_never_acted_on(triangles, energies):
    plain = MultilayerPerceptron(**FRESH).fit(triangles[:40], energies[:40])
    watching = MultilayerPerceptron(**FRESH)
    watching.watch = (triangles[40:], energies[40:])
    watching.fit(triangles[:40], energies[:40])
    assert all(row["test_mae"] > 0 for row in watching.history)
    np.testing.assert_array_equal(watching.predict(triangles), plain.predict(triangles))


def test_fresh_realisations_of_something_else_are_refused(energies):
    with pytest.raises(ModelError, match="24 columns are not a triangle"):
        MultilayerPerceptron(**FRESH).fit(np.ones((60, 24)), energies)


def test_molecules_of_one_energy_are_no_obstacle(triangles):
    model = MultilayerPerceptron(**SMALL).fit(triangles, np.full(60, -1500.0))
    assert np.isfinite(model.predict(triangles)).all()


def test_parameters_are_stored_as_given():
    model = MultilayerPerceptron(**FRESH)
    assert {k: v for k, v in dataclasses.asdict(model).items() if k in FRESH} == FRESH
