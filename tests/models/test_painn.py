"""PaiNN: invariances, what its vectors are for, learning, resuming, errors."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.graphs import MoleculeGraphs
from qm7bench.models.painn import Painn, PainnNetwork
from qm7bench.training.dense_regressor import AtomEmbedding, PairGeometry

CUTOFF = 4.0
FACTS = {"elements": np.array([1, 6, 8])}
SMALL = {"channels": 16, "radial_functions": 8, "layers": 2, "compiled": False}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def network(dtype: torch.dtype, layers: int = 3) -> PainnNetwork:
    """A small network in the given precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        embedding = AtomEmbedding(FACTS, channels=8)
        made = PainnNetwork(embedding, PairGeometry(CUTOFF, 6), layers=layers)
        torch.nn.init.normal_(made.readout[2].weight)
    torch.set_default_dtype(before)
    return made


def molecules(rng: np.random.Generator, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Two molecules of 9 and 6 atoms, about 1.5 Angstrom apart; padding lies anywhere."""
    grid = np.array(list(itertools.product(range(3), repeat=3)), dtype=float)
    places = [1.5 * rng.permutation(grid)[:9] + rng.normal(scale=0.1, size=(9, 3)) for _ in "ab"]
    elements = rng.integers(1, 4, (2, 9))
    elements[1, 6:] = 0
    positions = torch.tensor(np.stack(places), dtype=dtype)
    return {"elements": torch.tensor(elements), "positions": positions}


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-8), (torch.float32, 1e-4)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_rotation_reflection_and_translation_change_nothing(rng, dtype, tolerance, sign):
    model, batch = network(dtype), molecules(rng, dtype)
    matrix = torch.tensor(sign * Rotation.random(random_state=1).as_matrix(), dtype=dtype)
    moved = {**batch, "positions": batch["positions"] @ matrix + torch.tensor([1.0, -2.0, 0.5])}
    with torch.no_grad():
        expected, found = model(batch), model(moved)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    assert expected.abs().min() > 0.1


def test_the_order_of_atoms_and_padding_change_nothing(rng):
    model, batch = network(torch.float64), molecules(rng, torch.float64)
    with torch.no_grad():
        expected = model(batch)
        order = torch.tensor(rng.permutation(9))
        permuted = model({name: tensor[:, order] for name, tensor in batch.items()})
        alone = model({name: tensor[1:, :6] for name, tensor in batch.items()})
    np.testing.assert_allclose(permuted, expected, atol=1e-8)
    np.testing.assert_allclose(alone, expected[1:], atol=1e-8)


def test_energies_are_sums_over_molecules_too_far_apart_to_feel_each_other(rng):
    model, batch = network(torch.float64), molecules(rng, torch.float64)
    far = batch["positions"][1:] + 100.0
    both = {
        "elements": batch["elements"].reshape(1, 18),
        "positions": torch.cat([batch["positions"][:1], far], dim=1),
    }
    with torch.no_grad():
        np.testing.assert_allclose(model(both), model(batch).sum(), atol=1e-8)


def test_the_energy_is_continuous_where_an_atom_crosses_the_cutoff():
    model = network(torch.float64)
    positions = torch.zeros(2, 2, 3, dtype=torch.float64)
    positions[:, 1, 0] = torch.tensor([CUTOFF - 1e-6, CUTOFF + 1e-6])
    with torch.no_grad():
        energies = model({"elements": torch.tensor([[1, 2]] * 2), "positions": positions})
    assert abs(energies[0] - energies[1]) < 1e-9


def energies_of_chains(model: PainnNetwork, chains: np.ndarray) -> np.ndarray:
    """Energies of chains (n, A, 3) of one composition, whose other atoms are beyond the cutoff."""
    gaps = np.linalg.norm(chains[:, :, None] - chains[:, None], axis=-1)
    near = np.abs(np.subtract.outer(np.arange(chains.shape[1]), np.arange(chains.shape[1]))) < 2
    assert (gaps[:, ~near] > CUTOFF).all()
    elements = torch.tensor([[1, 2, 3, 1][: chains.shape[1]]] * len(chains))
    with torch.no_grad():
        return model({"elements": elements, "positions": torch.tensor(chains)}).numpy()


def test_vectors_tell_angles_already_in_one_layer():
    outer = 3.0 * np.array([[-1.0, 0.0, 0.0], [-0.5, np.sqrt(0.75), 0.0]])
    chains = np.stack([[atom, np.zeros(3), [3.0, 0.0, 0.0]] for atom in outer])
    straight, bent = energies_of_chains(network(torch.float64, layers=1), chains)
    assert abs(straight - bent) > 1e-6 * abs(straight)


def test_vectors_that_are_passed_on_tell_torsions_in_two_layers():
    """Angles and distances are the same; only what neighbours' vectors say of each other is not."""
    up, along = np.sqrt(0.75) * 3.0, 1.5
    chains = np.array(
        [
            [[-along, up, 0], [0, 0, 0], [3, 0, 0], [3 + along, up * np.cos(t), up * np.sin(t)]]
            for t in (0.0, 2.0)
        ]
    )
    cis, twisted = energies_of_chains(network(torch.float64, layers=2), chains)
    assert abs(cis - twisted) > 1e-6 * abs(cis)


def dataset(rng: np.random.Generator, number: int) -> Dataset:
    """Chains of C and O atoms whose energy depends on composition and on neighbouring distances."""
    charges, positions = np.zeros((number, 7), dtype=np.int64), np.zeros((number, 7, 3))
    energies = np.zeros(number)
    for row in range(number):
        atoms = int(rng.integers(3, 8))
        charges[row, :atoms] = rng.choice([6, 8], atoms)
        steps = rng.uniform(1.2, 1.6, atoms)
        positions[row, :atoms, 0] = np.cumsum(steps)
        energies[row] = -100.0 * atoms + 80.0 * steps[1:].sum() - 5.0 * (charges[row] == 8).sum()
    return Dataset(
        "chains", np.arange(number), charges, positions, energies, np.zeros(number, np.int64)
    )


def graphs(data: Dataset) -> MoleculeGraphs:
    return MoleculeGraphs.from_arrays(RadiusGraph(cutoff=4.0).compute(data))


def test_it_learns_and_comes_back_from_its_arrays(rng, tmp_path):
    data = dataset(rng, 120)
    X, test = graphs(data)[:100], graphs(data)[100:]
    model = Painn(epochs=40, batch_size=8, learning_rate=0.004, **SMALL)
    model.workspace, model.watch = tmp_path, (test, data.energies[100:])
    predictions = model.fit(X, data.energies[:100]).predict(test)
    error = np.abs(predictions - data.energies[100:]).mean()
    of_composition = np.abs(model._references(test) - data.energies[100:]).mean()
    assert error < 0.25 * of_composition  # ten seeds of data and network: 0.04 to 0.09
    assert error == pytest.approx(model.history[-1]["test_mae"], abs=1e-3)
    again = Painn(epochs=40, batch_size=8, learning_rate=0.004, **SMALL)
    np.testing.assert_array_equal(again.restore(model.state()).predict(test), predictions)
    assert again.number_of_parameters == model.number_of_parameters > 1000


def test_descriptors_tell_it_what_positions_do_not(rng):
    data = dataset(rng, 120)
    bare = graphs(data)
    hidden = rng.normal(size=(len(bare.charges), 2)).astype(np.float32)
    of_atoms = 5.0 * hidden[:, 0] + 3.0 * hidden[:, 0] * hidden[:, 1]
    energies = np.add.reduceat(of_atoms, bare.atom_offsets[:-1]).astype(np.float64)
    told = dataclasses.replace(bare, descriptors=hidden)

    def error(X):
        model = Painn(epochs=40, batch_size=8, learning_rate=0.01, **SMALL)
        model.fit(X[:100], energies[:100])
        again = Painn(**SMALL).restore(model.state())
        np.testing.assert_array_equal(again.predict(X[100:]), model.predict(X[100:]))
        return np.abs(model.predict(X[100:]) - energies[100:]).mean()

    assert error(told) < 0.35 * error(bare)


def test_a_seed_decides_everything(rng):
    data = dataset(rng, 30)
    X = graphs(data)
    runs = [
        Painn(epochs=2, seed=seed, **SMALL).fit(X, data.energies).predict(X) for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.abs(runs[0] - runs[2]).max() > 0


def test_random_minibatches_mix_sizes_and_those_of_similar_size_do_not(rng):
    X = graphs(dataset(rng, 64))
    spreads = {}
    for minibatches in ("similar_size", "random"):
        model = Painn(minibatches=minibatches, batch_size=8, **SMALL)
        model.facts_, model.network_ = model.facts(X), None
        batches = model._task(X, torch.zeros(64)).batches(np.random.default_rng(0))
        assert sorted(np.concatenate(batches)) == list(range(64))
        spreads[minibatches] = np.mean([np.ptp(X.atom_counts[rows]) for rows in batches])
    assert spreads["similar_size"] < 2 < spreads["random"]


def test_an_interrupted_training_ends_with_the_same_bits(rng, tmp_path, monkeypatch):
    data = dataset(rng, 24)
    X = graphs(data)
    whole = Painn(epochs=4, batch_size=4, **SMALL).fit(X, data.energies).predict(X)
    interrupted = Painn(epochs=4, batch_size=4, **SMALL)
    interrupted.workspace = tmp_path
    seen = []

    def interrupt(*arguments):
        seen.append(1)
        if len(seen) == 14:
            raise KeyboardInterrupt
        return original(*arguments)

    original = PainnNetwork.forward
    with monkeypatch.context() as patched:
        patched.setattr(PainnNetwork, "forward", interrupt)
        with pytest.raises(KeyboardInterrupt):
            interrupted.fit(X, data.energies)
    resumed = Painn(epochs=4, batch_size=4, **SMALL)
    resumed.workspace = tmp_path
    np.testing.assert_array_equal(resumed.fit(X, data.energies).predict(X), whole)


def test_an_element_never_seen_is_refused_by_name(rng):
    data = dataset(rng, 30)
    model = Painn(epochs=1, **SMALL).fit(graphs(data), data.energies)
    strange = graphs(data)[:1]
    strange.charges[0] = 16
    with pytest.raises(ModelError, match="without S"):
        model.predict(strange)


def test_graphs_without_a_cutoff_are_refused(rng):
    data = dataset(rng, 5)
    arrays = graphs(data).arrays()
    del arrays["cutoff"]
    with pytest.raises(ModelError, match="radius_graph"):
        Painn(epochs=1, compiled=False).fit(MoleculeGraphs.from_arrays(arrays), data.energies)
