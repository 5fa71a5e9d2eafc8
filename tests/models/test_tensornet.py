"""TensorNet: matrices and their parts, invariances, learning."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.graphs import from_arrays
from qm7bench.models.tensornet import Interaction, Parts, Tensornet, TensornetNetwork, product
from qm7bench.training.dense_regressor import AtomEmbedding, PairGeometry

FACTS = {"elements": np.array([1, 6, 8])}
CUTOFF = 4.0
SMALL = {"channels": 16, "radial_functions": 8, "layers": 1, "compiled": False, "batch_size": 16}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def matrices(rng) -> torch.Tensor:
    return torch.tensor(rng.normal(size=(2, 5, 3, 3, 4)))


def network(layers: int = 2) -> TensornetNetwork:
    """A small network in double precision."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TensornetNetwork(
            AtomEmbedding(FACTS, 8), PairGeometry(CUTOFF, 6), layers, 4
        ).double()


def molecules(rng: np.random.Generator) -> dict[str, torch.Tensor]:
    """Two molecules of 9 and 6 atoms, about 1.5 Angstrom apart; padding lies anywhere."""
    grid = np.array(list(itertools.product(range(3), repeat=3)), dtype=float)
    places = [1.5 * rng.permutation(grid)[:9] + rng.normal(scale=0.1, size=(9, 3)) for _ in "ab"]
    elements = rng.integers(1, 4, (2, 9))
    elements[1, 6:] = 0
    return {"elements": torch.tensor(elements), "positions": torch.tensor(np.stack(places))}


def energies(model: TensornetNetwork, batch: dict[str, torch.Tensor]) -> np.ndarray:
    with torch.no_grad():
        return model(batch).numpy()


def test_a_matrix_is_the_sum_of_its_parts(matrices):
    parts = Parts.of(matrices)
    torch.testing.assert_close(parts.matrices(), matrices)
    torch.testing.assert_close(parts.symmetric[:, :, :3].sum(dim=2), torch.zeros(2, 5, 4).double())


def test_the_squared_norms_of_the_parts_add_up_to_that_of_the_matrix(matrices):
    torch.testing.assert_close(
        Parts.of(matrices).squared_norm(), matrices.square().sum(dim=3).sum(dim=2)
    )


def test_products_are_those_of_matrices(matrices):
    expected = torch.einsum("baijc,bajkc->baikc", matrices, matrices + 1)
    torch.testing.assert_close(product(matrices, matrices + 1), expected)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_rotation_reflection_and_translation_change_nothing(rng, sign):
    model, batch = network(), molecules(rng)
    rotation = torch.tensor(sign * Rotation.random(random_state=1).as_matrix())
    moved = {**batch, "positions": batch["positions"] @ rotation + torch.tensor([1.0, -2.0, 0.5])}
    expected = energies(model, batch)
    np.testing.assert_allclose(energies(model, moved), expected, rtol=1e-8)
    assert abs(expected[0] - expected[1]) > 1e-3


def test_the_order_of_atoms_and_padding_change_nothing(rng):
    model, batch = network(), molecules(rng)
    order = torch.tensor(rng.permutation(9))
    permuted = {name: tensor[:, order] for name, tensor in batch.items()}
    padded = {
        "elements": torch.nn.functional.pad(batch["elements"], (0, 2)),
        "positions": torch.nn.functional.pad(batch["positions"], (0, 0, 0, 2)),
    }
    for other in (permuted, padded):
        np.testing.assert_allclose(energies(model, other), energies(model, batch), rtol=1e-8)


def parts_of_one(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Multiple of the identity, antisymmetric and symmetric traceless part of 3 x 3 (C, 3, 3)."""
    transposed = matrix.transpose(0, 2, 1)
    identity = np.trace(matrix, axis1=1, axis2=2)[:, None, None] / 3 * np.eye(3)
    return identity, (matrix - transposed) / 2, (matrix + transposed) / 2 - identity


def mixed(mixing, matrix: np.ndarray) -> np.ndarray:
    """Every part's own combination of channels, of (C, 3, 3)."""
    weights = [w.weight.detach().numpy() for w in mixing.weights]
    parts = parts_of_one(matrix)
    return sum(np.einsum("dc,cij->dij", w, p) for w, p in zip(weights, parts, strict=True))


def normalized(matrix: np.ndarray) -> np.ndarray:
    return matrix / (1 + (matrix**2).sum(axis=(1, 2), keepdims=True))


def test_an_interaction_is_the_papers_atom_by_atom(rng):
    """Equations of Simeon & De Fabritiis, section 3.2, with a loop over pairs of atoms."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        layer = Interaction(channels=4, radial_functions=6, filter_channels=5).double()
    matrices = rng.normal(size=(5, 4, 3, 3))
    radial, envelope = rng.normal(size=(5, 5, 6)), rng.uniform(size=(5, 5, 1))
    with torch.no_grad():
        given = torch.tensor(matrices.transpose(0, 2, 3, 1)[None])
        functions = torch.tensor(radial[None]), torch.tensor(envelope[None])
        found = layer(Parts.of(given), *functions).matrices()[0].numpy()
        weights = (layer.filter(functions[0]) * functions[1])[0].numpy().reshape(5, 5, 3, 4)
    for i in range(5):
        own = [mixed(layer.before, normalized(matrix)) for matrix in matrices]
        gathered = sum(
            weight[:, None, None] * part
            for j in range(5)
            for weight, part in zip(weights[i, j], parts_of_one(own[j]), strict=True)
        )
        product_of_both = own[i] @ gathered + gathered @ own[i]
        change = mixed(layer.after, normalized(product_of_both))
        expected = normalized(matrices[i]) + change + change @ change
        np.testing.assert_allclose(found[i].transpose(2, 0, 1), expected, atol=1e-10)


def test_angles_matter_already_with_one_round_of_messages():
    """Three atoms with the outer two at one distance from the middle, bent and straight."""
    model = network(layers=1)
    positions = torch.zeros(2, 3, 3, dtype=torch.float64)
    positions[:, 0, 0] = 3.0
    positions[0, 1, 0], positions[1, 1, 1] = -3.0, 3.0  # outer atoms beyond the cutoff in both
    batch = {"elements": torch.tensor([[1, 2, 3]] * 2), "positions": positions}
    straight, bent = energies(model, batch)
    assert abs(straight - bent) > 1e-4


def test_it_learns_molecules(small_molecules):
    graphs = from_arrays(RadiusGraph(cutoff=CUTOFF).compute(small_molecules))
    model = Tensornet(**SMALL, epochs=30, learning_rate=0.005)
    model.fit(graphs[::2], small_molecules.energies[::2])
    errors = np.abs(model.predict(graphs[1::2]) - small_molecules.energies[1::2])
    of_reference = np.abs(model._references(graphs[1::2]) - small_molecules.energies[1::2])
    assert errors.mean() < 0.7 * of_reference.mean()  # five seeds: 0.28 to 0.41
    again = Tensornet(**SMALL, epochs=30).restore(model.state())
    np.testing.assert_array_equal(again.predict(graphs[:9]), model.predict(graphs[:9]))
