"""DimeNet++ against PyTorch Geometric's own, its basis, and what it is invariant to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch_geometric.nn.models.dimenet as geometric
from scipy.spatial.transform import Rotation

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features.nearest_neighbour_graph import NearestNeighbourGraph
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.graphs import MoleculeGraphs, from_arrays
from qm7bench.models._dimenet_basis import basis_table, bessel_zeros, look_up
from qm7bench.models._dimenet_network import DirectionalNetwork, Shape, batch_tensors
from qm7bench.models.dimenet import Dimenet

CUTOFF = 3.0
SHAPE = Shape(16, 2, 8, 4, 12, 3, 2, CUTOFF)
SMALL = {
    "hidden_channels": 8,
    "blocks": 1,
    "out_emb_channels": 8,
    "int_emb_size": 4,
    "basis_emb_size": 4,
    "num_spherical": 3,
    "num_radial": 3,
    "batch_size": 4,
    "compiled": False,
}


@pytest.fixture
def dataset() -> Dataset:
    rng = np.random.default_rng(6)
    charges = rng.choice([1, 6, 8], (8, 9))
    charges[0, 1:] = 0
    charges[1::3, 6:] = 0
    positions = np.where(charges[:, :, None] > 0, rng.uniform(0, 4, (8, 9, 3)), 0.0)
    energies = rng.normal(-700.0, 50.0, 8)
    return Dataset("random", np.arange(8), charges, positions, energies, np.zeros(8, int))


def graphs_of(dataset: Dataset, triplets: bool = False) -> MoleculeGraphs:
    return from_arrays(RadiusGraph(CUTOFF, triplets=triplets).compute(dataset))


@pytest.fixture(scope="module")
def stock() -> geometric.DimeNetPlusPlus:
    torch.manual_seed(0)
    return geometric.DimeNetPlusPlus(
        hidden_channels=16,
        out_channels=1,
        num_blocks=2,
        int_emb_size=8,
        basis_emb_size=4,
        out_emb_channels=12,
        num_spherical=3,
        num_radial=2,
        cutoff=CUTOFF,
        output_initializer="glorot_orthogonal",
    )


def stock_energies(stock, batch, monkeypatch) -> torch.Tensor:
    """Run PyTorch Geometric's forward, on given edges and triplets."""
    tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
    source, target = tensors["sources"], tensors["targets"]
    first, second = tensors["triplet_in"], tensors["triplet_out"]
    atoms = (target[second], source[second], source[first])
    found = (target, source, *atoms, first, second)
    monkeypatch.setattr(geometric, "radius_graph", lambda *a, **k: torch.stack([source, target]))
    monkeypatch.setattr(geometric, "triplets", lambda *a, **k: found)
    return stock(tensors["charges"], tensors["positions"], tensors["molecule"]).squeeze(1)


def test_the_same_weights_give_the_energies_and_gradients_of_pytorch_geometric(
    dataset, stock, monkeypatch
):
    ours = DirectionalNetwork(SHAPE)
    ours.load_state_dict(stock.state_dict())
    batch = graphs_of(dataset, triplets=True).batch(np.array([3, 0, 5, 1, 2]))
    expected = stock_energies(stock, batch, monkeypatch)
    found = ours(batch_tensors(batch, CUTOFF))
    spread = expected.std().item()
    torch.testing.assert_close(found, expected, atol=1e-5 * spread, rtol=1e-5)
    expected.square().sum().backward()
    found.square().sum().backward()
    gradients = {name: p.grad for name, p in stock.named_parameters()}
    for name, parameter in ours.named_parameters():
        largest = gradients[name].abs().max().item()
        torch.testing.assert_close(
            parameter.grad, gradients[name], atol=1e-4 * largest, rtol=1e-3, msg=name
        )


def test_zeros_of_the_first_bessel_functions_are_those_of_the_tables():
    expected = [[3.14159, 6.28319], [4.49341, 7.72525], [5.76346, 9.09501]]
    np.testing.assert_allclose(bessel_zeros(3, 2), expected, atol=1e-5)


def test_the_table_gives_the_basis_of_pytorch_geometric(stock):
    scaled = torch.linspace(0.15, 1.2, 500, dtype=torch.float64)
    straight = torch.zeros(500, dtype=torch.float64)
    expected = stock.sbf(CUTOFF * scaled, straight, torch.arange(500)).view(500, 3, 2)
    found = look_up(basis_table(3, 2), scaled.clamp(max=1.0).float()).view(500, 3, 2)
    norms = torch.sqrt((2 * torch.arange(3) + 1) / (4 * torch.pi)).view(1, 3, 1)
    torch.testing.assert_close(found * norms, expected.float(), atol=2e-5, rtol=1e-5)


def test_rotation_reflection_and_translation_change_nothing(dataset):
    model = Dimenet(**SMALL, epochs=2).fit(graphs_of(dataset), dataset.energies)
    matrix = -Rotation.random(rng=np.random.default_rng(1)).as_matrix()
    moved = replace(dataset, positions=dataset.positions @ matrix + [1.0, 2.0, -1.0])
    np.testing.assert_allclose(
        model.predict(graphs_of(moved)), model.predict(graphs_of(dataset)), atol=1e-2
    )  # kcal/mol, in float32


def test_the_order_of_atoms_changes_nothing(dataset):
    dataset = dataset[dataset.sizes == 9]
    model = Dimenet(**SMALL, epochs=2).fit(graphs_of(dataset), dataset.energies)
    order = np.random.default_rng(2).permutation(9)
    permuted = replace(
        dataset, charges=dataset.charges[:, order], positions=dataset.positions[:, order]
    )
    np.testing.assert_allclose(
        model.predict(graphs_of(permuted)), model.predict(graphs_of(dataset)), atol=1e-2
    )  # kcal/mol, in float32


def test_angles_matter(stock):
    """A straight and a bent chain with the same bonds, ends beyond the cutoff in both."""
    chains = np.zeros((2, 3, 3))
    chains[:, 0, 0] = -2.0
    chains[:, 2, :2] = 2.0 * np.array([[1.0, 0.0], [np.cos(0.4), np.sin(0.4)]])
    pair = Dataset(
        "chains", np.arange(2), np.array([[6, 8, 6]] * 2), chains, np.zeros(2), np.zeros(2, int)
    )
    network = DirectionalNetwork(SHAPE)
    network.load_state_dict(stock.state_dict())
    straight, bent = network(batch_tensors(graphs_of(pair).batch(np.arange(2)), CUTOFF))
    assert abs(straight - bent) > 1e-3 * abs(straight)


def test_a_restored_model_predicts_the_same_bits(dataset):
    graphs = graphs_of(dataset)
    model = Dimenet(**SMALL, epochs=2).fit(graphs, dataset.energies)
    again = Dimenet(**SMALL, epochs=2).restore(model.state())
    np.testing.assert_array_equal(again.predict(graphs), model.predict(graphs))


def test_the_unit_of_length_does_not_matter_as_long_as_the_cutoff_follows(dataset):
    doubled = replace(dataset, positions=2.0 * dataset.positions)
    near = graphs_of(dataset)
    far = from_arrays(RadiusGraph(2.0 * CUTOFF).compute(doubled))
    first, second = (
        Dimenet(**SMALL, epochs=2, precision="float32").fit(g, dataset.energies).predict(g)
        for g in (near, far)
    )
    np.testing.assert_allclose(first, second, atol=0.01)  # kcal/mol


def test_graphs_without_a_cutoff_are_refused(dataset):
    graphs = from_arrays(NearestNeighbourGraph(3).compute(dataset))
    with pytest.raises(ModelError, match="radius_graph"):
        Dimenet(**SMALL).fit(graphs, dataset.energies)


@pytest.mark.slow
def test_the_compiled_network_trains_like_the_plain_one(dataset):
    graphs = graphs_of(dataset)
    options = {**SMALL, "epochs": 3, "precision": "float32", "batch_size": 8}
    plain = Dimenet(**options).fit(graphs, dataset.energies)
    compiled = Dimenet(**{**options, "compiled": True}).fit(graphs, dataset.energies)
    np.testing.assert_allclose(compiled.predict(graphs), plain.predict(graphs), atol=0.05)
