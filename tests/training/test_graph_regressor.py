"""What models on graphs have in common, shown on the smaller of them."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features.nearest_neighbour_graph import NearestNeighbourGraph
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.graphs import MoleculeGraphs, from_arrays
from qm7bench.models.custom_gnn import CustomGnn
from qm7bench.registry.modules import load
from qm7bench.regression.element_reference import ElementReference
from qm7bench.testing.molecules import joined, molecules_without_neighbours, training_molecules

SMALL = {"hidden_channels": 8, "batch_size": 4}


def molecules(number: int = 12, elements: tuple[int, ...] = (1, 6, 8)) -> Dataset:
    rng = np.random.default_rng(3)
    charges = rng.choice(elements, (number, 6))
    charges[1::2, 4:] = 0
    positions = np.where(charges[:, :, None] > 0, rng.uniform(0, 4, (number, 6, 3)), 0.0)
    energies = -100.0 * (charges > 0).sum(axis=1) + rng.normal(size=number)
    return Dataset("random", np.arange(number), charges, positions, energies, np.zeros(number, int))


@pytest.fixture
def dataset() -> Dataset:
    return molecules()


@pytest.fixture
def graphs(dataset) -> MoleculeGraphs:
    return from_arrays(NearestNeighbourGraph(3).compute(dataset))


def test_a_restored_model_predicts_the_same_bits(dataset, graphs):
    model = CustomGnn(**SMALL, epochs=3, batch_norm=True).fit(graphs, dataset.energies)
    arrays = model.state()
    assert all(array.dtype != object for array in arrays.values())
    again = CustomGnn(**SMALL, epochs=3, batch_norm=True).restore(arrays)
    np.testing.assert_array_equal(again.predict(graphs), model.predict(graphs))
    assert again.number_of_parameters == model.number_of_parameters


def test_the_same_seed_gives_the_same_bits_and_another_gives_others(dataset, graphs):
    first, second, other = (
        CustomGnn(**SMALL, epochs=2, seed=seed).fit(graphs, dataset.energies).predict(graphs)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("shuffle", ["every_epoch", "once"])
def test_a_resumed_training_ends_with_the_same_bits(dataset, graphs, shuffle, tmp_path):
    whole = CustomGnn(**SMALL, epochs=4, shuffle=shuffle, schedule="constant")
    expected = whole.fit(graphs, dataset.energies).predict(graphs)

    interrupted = CustomGnn(**SMALL, epochs=4, shuffle=shuffle, schedule="constant")
    interrupted.workspace, interrupted.watch = tmp_path, (graphs, dataset.energies)
    calls = 0

    def stop_in_third_epoch(network: object) -> dict[str, float]:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return {"test_mae": 0.0}

    interrupted._watched = stop_in_third_epoch  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        interrupted.fit(graphs, dataset.energies)
    resumed = CustomGnn(**SMALL, epochs=4, shuffle=shuffle, schedule="constant")
    resumed.workspace = tmp_path
    np.testing.assert_array_equal(resumed.fit(graphs, dataset.energies).predict(graphs), expected)


def test_the_watched_error_is_recorded_and_changes_nothing(dataset, graphs):
    plain = CustomGnn(**SMALL, epochs=2).fit(graphs, dataset.energies)
    watching = CustomGnn(**SMALL, epochs=2)
    watching.watch = (graphs, dataset.energies)
    watching.fit(graphs, dataset.energies)
    last = np.abs(watching.predict(graphs) - dataset.energies).mean()
    assert watching.history[-1]["test_mae"] == pytest.approx(last)
    np.testing.assert_array_equal(watching.predict(graphs), plain.predict(graphs))


def test_the_order_of_the_molecules_asked_for_does_not_matter(dataset, graphs):
    model = CustomGnn(**SMALL, epochs=1).fit(graphs, dataset.energies)
    order = np.random.default_rng(0).permutation(len(graphs))
    np.testing.assert_allclose(
        model.predict(graphs[order]), model.predict(graphs)[order], atol=1e-3
    )  # kcal/mol


def test_what_composition_alone_explains_needs_no_training(dataset, graphs):
    per_atom = {1: -50.0, 6: -170.0, 8: -100.0}
    energies = np.array([sum(per_atom.get(int(z), 0.0) for z in row) for row in dataset.charges])
    model = CustomGnn(**SMALL, epochs=1, learning_rate=1e-9).fit(graphs, energies)
    np.testing.assert_allclose(model.predict(graphs), energies, atol=1e-3)  # kcal/mol


def test_an_element_not_trained_on_is_named(dataset, graphs):
    model = CustomGnn(**SMALL, epochs=1).fit(graphs, dataset.energies)
    other = NearestNeighbourGraph(3).compute(molecules(elements=(1, 6, 16)))
    with pytest.raises(ModelError, match="molecules without S"):
        model.predict(from_arrays(other))


def test_an_element_of_watched_molecules_that_is_not_trained_on_is_named(dataset, graphs):
    model = CustomGnn(**SMALL, epochs=1)
    other = molecules(elements=(1, 6, 16))
    model.watch = (from_arrays(NearestNeighbourGraph(3).compute(other)), other.energies)
    with pytest.raises(ModelError, match="molecules without S"):
        model.fit(graphs, dataset.energies)


NETWORKS = {
    "custom_gnn": {"hidden_channels": 8},
    "dimenet": {"hidden_channels": 8, "blocks": 1, "out_emb_channels": 8, "compiled": False},
    "painn": {"channels": 8, "layers": 2, "radial_functions": 4, "compiled": False},
    "tensornet": {"channels": 8, "layers": 1, "radial_functions": 4, "compiled": False},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_molecules_with_and_without_edges_share_a_minibatch(name):
    """Lonely atoms first, last and in between, also where no molecule of the batch has an edge."""
    near, lonely = training_molecules(), molecules_without_neighbours()
    data = joined(joined(lonely, near[:9]), lonely)
    graphs = from_arrays(RadiusGraph(cutoff=4.0).compute(data))
    assert set(graphs.edge_counts[[0, -1]]) == {0}
    model = load("models", name)(**NETWORKS[name], epochs=2, batch_size=17)
    together = model.fit(graphs, data.energies).predict(graphs)
    alone = [model.predict(graphs[[i]])[0] for i in range(len(graphs))]
    np.testing.assert_allclose(together, alone, atol=1e-2)  # kcal/mol, in float32
    np.testing.assert_allclose(model.predict(graphs[:4]), together[:4], atol=1e-2)


def test_reference_energies_are_those_of_least_squares():
    counts = np.array([[4.0, 1.0], [6.0, 2.0], [4.0, 2.0], [8.0, 3.0]])
    reference = ElementReference().fit(counts, counts @ [-60.0, -150.0])
    np.testing.assert_allclose(reference.coefficients_, [-60.0, -150.0])
    np.testing.assert_allclose(reference.energies(np.array([[2.0, 1.0]])), [-270.0])


@pytest.mark.parametrize("number", [9, 12])
def test_a_single_molecule_is_never_a_minibatch_of_its_own(dataset, graphs, number):
    rows = np.arange(number)
    model = CustomGnn(**SMALL, epochs=1, batch_norm=True)
    model.fit(graphs[rows], dataset.energies[rows])
    sizes = [len(b) for b in model._minibatches(number, np.random.default_rng(0))]
    assert sum(sizes) == number
    assert min(sizes) > 1
