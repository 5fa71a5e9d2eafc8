"""The three message-passing networks: the fast convolution, and what they are invariant to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features.nearest_neighbour_graph import NearestNeighbourGraph
from qm7bench.layouts.graphs import MoleculeGraphs, from_arrays
from qm7bench.models._custom_gnn_network import EdgeConvolution
from qm7bench.models.custom_gnn import CustomGnn

ARRANGEMENTS = ["sequential", "parallel", "averaged"]
FEATURE = NearestNeighbourGraph(3, coulomb=True)


@pytest.fixture
def dataset() -> Dataset:
    rng = np.random.default_rng(4)
    charges = rng.choice([1, 6, 8], (10, 7))
    charges[::3, 5:] = 0
    positions = np.where(charges[:, :, None] > 0, rng.uniform(0, 4, (10, 7, 3)), 0.0)
    energies = rng.normal(-700.0, 50.0, 10)
    return Dataset("random", np.arange(10), charges, positions, energies, np.zeros(10, int))


def graphs_of(dataset: Dataset) -> MoleculeGraphs:
    return from_arrays(FEATURE.compute(dataset))


def fitted(dataset: Dataset, **parameters: object) -> CustomGnn:
    model = CustomGnn(hidden_channels=16, epochs=3, batch_size=5, **parameters)
    return model.fit(graphs_of(dataset), dataset.energies)


def rotated(dataset: Dataset) -> Dataset:
    matrix = Rotation.random(rng=np.random.default_rng(1)).as_matrix()
    return replace(dataset, positions=dataset.positions @ matrix)


def test_a_convolution_is_the_sum_of_an_mlp_over_incoming_edges():
    torch.manual_seed(0)
    convolution = EdgeConvolution(node_channels=4, edge_channels=3, channels=6)
    nodes, edges = torch.randn(5, 4), torch.tensor([[0, 1, 2, 4, 3], [1, 0, 1, 1, 2]])
    geometry = torch.randn(5, 3)
    mlp = torch.nn.Sequential(convolution.first, torch.nn.ReLU(), convolution.last)
    expected = torch.zeros(5, 6)
    for (j, i), g in zip(edges.T.tolist(), geometry, strict=True):
        expected[i] += mlp(torch.cat([nodes[i], nodes[j], g]))
    degrees = torch.bincount(edges[1], minlength=5).float().unsqueeze(1)
    found = convolution(nodes, edges, geometry, degrees)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_with_distances_rotation_and_translation_change_nothing(dataset, arrangement):
    model = fitted(dataset, arrangement=arrangement, position_dimension=1)
    moved = rotated(dataset)
    moved = replace(moved, positions=moved.positions + np.array([1.0, -2.0, 3.0]))
    np.testing.assert_allclose(
        model.predict(graphs_of(moved)), model.predict(graphs_of(dataset)), atol=1e-2
    )  # kcal/mol, in float32


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_with_vectors_a_rotation_changes_the_energies(dataset, arrangement):
    model = fitted(dataset, arrangement=arrangement, position_dimension=3)
    turned = model.predict(graphs_of(rotated(dataset)))
    assert np.abs(turned - model.predict(graphs_of(dataset))).max() > 0.1  # kcal/mol


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_the_order_of_atoms_changes_nothing(dataset, arrangement):
    dataset = dataset[dataset.sizes == 7]
    model = fitted(dataset, arrangement=arrangement)
    order = np.random.default_rng(2).permutation(7)
    permuted = replace(
        dataset, charges=dataset.charges[:, order], positions=dataset.positions[:, order]
    )
    np.testing.assert_allclose(
        model.predict(graphs_of(permuted)), model.predict(graphs_of(dataset)), atol=1e-2
    )  # kcal/mol, in float32


def test_units_of_length_are_scales_of_the_same_geometry(dataset):
    rows, graphs = np.arange(4), graphs_of(dataset)
    batches = []
    for unit in ("angstrom", "bohr"):
        model = CustomGnn(position_dimension=3, length_unit=unit)
        model.facts_ = model.facts(graphs)
        batches.append(model.tensors(graphs, rows))
    for name in ("geometry", "lengths"):
        torch.testing.assert_close(batches[1][name], batches[0][name] / 0.529177210903)


def test_coulomb_forces_are_seen_and_their_absence_is_said(dataset):
    with_forces = fitted(dataset, coulomb=True)
    assert with_forces.number_of_parameters > fitted(dataset).number_of_parameters
    plain = from_arrays(NearestNeighbourGraph(3).compute(dataset))
    with pytest.raises(ModelError, match="Coulomb forces"):
        CustomGnn(coulomb=True, epochs=1).fit(plain, dataset.energies)


def test_kept_padding_atoms_take_part(dataset):
    kept = from_arrays(NearestNeighbourGraph(3, "kept").compute(dataset))
    model = CustomGnn(hidden_channels=8, epochs=1).fit(kept, dataset.energies)
    assert np.isfinite(model.predict(kept)).all()
