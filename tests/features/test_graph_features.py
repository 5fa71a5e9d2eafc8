"""The three graph features against loops over atoms, and their symmetries."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset
from qm7bench.features.coulomb_force_graph import CoulombForceGraph
from qm7bench.features.nearest_neighbour_graph import NearestNeighbourGraph
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.graphs import MoleculeGraphs

SIZES = (1, 2, 4, 9, 7)
FEATURES = [
    RadiusGraph(2.5, triplets=True),
    NearestNeighbourGraph(3, coulomb=True),
    CoulombForceGraph(3),
]


@pytest.fixture
def dataset() -> Dataset:
    rng = np.random.default_rng(5)
    charges, positions = np.zeros((5, 9), dtype=np.int64), np.zeros((5, 9, 3))
    for molecule, size in enumerate(SIZES):
        charges[molecule, :size] = rng.choice([1, 6, 7, 8, 16], size)
        positions[molecule, :size] = rng.uniform(0.5, 3.5, (size, 3))
    return Dataset("random", np.arange(5), charges, positions, np.zeros(5), np.arange(5))


def edges_of(graphs: MoleculeGraphs, molecule: int) -> dict[tuple[int, int], float]:
    one = graphs[[molecule]]
    pairs = zip(one.sources.tolist(), one.targets.tolist(), strict=True)
    return dict(zip(pairs, one.distances.tolist(), strict=True))


def naive_neighbours(scores: np.ndarray, atoms: int, k: int) -> set[tuple[int, int]]:
    """Pairs (source, target) of the k smallest scores[target, source] of each target."""
    pairs = set()
    for target in range(atoms):
        others = [a for a in range(atoms) if a != target]
        others.sort(key=lambda source: scores[target, source])
        pairs |= {(source, target) for source in others[:k]}
    return pairs


def distances_of(dataset: Dataset, molecule: int) -> np.ndarray:
    positions = dataset.positions[molecule]
    return np.linalg.norm(positions[:, None] - positions[None], axis=-1)


def test_a_radius_graph_joins_exactly_the_atoms_within_the_cutoff(dataset):
    graphs = MoleculeGraphs.from_arrays(RadiusGraph(2.0).compute(dataset))
    for molecule, size in enumerate(SIZES):
        distances = distances_of(dataset, molecule)
        expected = {
            (j, i): distances[i, j]
            for i, j in itertools.permutations(range(size), 2)
            if distances[i, j] < 2.0
        }
        assert edges_of(graphs, molecule) == pytest.approx(expected, abs=1e-6)  # Angstrom


def test_triplets_and_angles_are_those_of_a_loop_over_atoms(dataset):
    graphs = MoleculeGraphs.from_arrays(RadiusGraph(2.5, triplets=True).compute(dataset))
    for molecule in range(len(SIZES)):
        one, positions = graphs[[molecule]], dataset.positions[molecule]
        pairs = list(zip(one.sources.tolist(), one.targets.tolist(), strict=True))
        expected = {}
        for (k, j), (j2, i) in itertools.product(pairs, pairs):
            if j == j2 and k != i:
                u, v = positions[j] - positions[k], positions[i] - positions[j]
                angle = np.arctan2(np.linalg.norm(np.cross(u, v)), u @ v)
                expected[pairs.index((k, j)), pairs.index((j, i))] = angle
        found = zip(one.triplet_in.tolist(), one.triplet_out.tolist(), strict=True)
        assert dict(zip(found, one.angles.tolist(), strict=True)) == pytest.approx(
            expected, abs=1e-6
        )


def test_edges_are_sorted_by_target_and_triplets_by_their_second_edge(dataset):
    graphs = MoleculeGraphs.from_arrays(RadiusGraph(2.5, triplets=True).compute(dataset))
    batch = graphs.batch(np.array([3, 0, 4]))
    assert (np.diff(batch["targets"]) >= 0).all()
    assert (np.diff(batch["triplet_out"]) >= 0).all()


def test_nearest_neighbours_are_the_nearest_and_fewer_where_there_are_fewer(dataset):
    graphs = MoleculeGraphs.from_arrays(NearestNeighbourGraph(3).compute(dataset))
    for molecule, size in enumerate(SIZES):
        expected = naive_neighbours(distances_of(dataset, molecule), size, 3)
        assert set(edges_of(graphs, molecule)) == expected


def test_kept_padding_takes_part_as_atoms_of_charge_zero_at_the_origin(dataset):
    arrays = NearestNeighbourGraph(3, "kept", coulomb=True).compute(dataset)
    graphs = MoleculeGraphs.from_arrays(arrays)
    assert graphs.atom_counts.tolist() == [9] * 5
    assert graphs.edge_counts.tolist() == [27] * 5
    for molecule in range(len(SIZES)):
        expected = naive_neighbours(distances_of(dataset, molecule), 9, 3)
        assert set(edges_of(graphs, molecule)) == expected
    first = graphs[[0]]
    assert first.charges.tolist() == dataset.charges[0].tolist()
    assert (first.coulomb == 0).all()


def test_coulomb_graphs_take_the_largest_forces_and_carry_them(dataset):
    graphs = MoleculeGraphs.from_arrays(CoulombForceGraph(3).compute(dataset))
    for molecule, size in enumerate(SIZES):
        charges = dataset.charges[molecule].astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            bohr = distances_of(dataset, molecule) / ANGSTROM_PER_BOHR
            forces = np.outer(charges, charges) / bohr**2
        one = graphs[[molecule]]
        assert set(edges_of(graphs, molecule)) == naive_neighbours(-forces, size, 3)
        np.testing.assert_allclose(one.coulomb, forces[one.targets, one.sources], rtol=1e-5)


def test_the_force_between_two_protons_one_bohr_apart_is_one(dataset):
    charges = np.array([[1, 1]])
    positions = np.array([[[0, 0, 0], [0, 0, ANGSTROM_PER_BOHR]]])
    hydrogen = Dataset("h2", np.arange(1), charges, positions, np.zeros(1), np.zeros(1, int))
    assert CoulombForceGraph(5).compute(hydrogen)["coulomb"] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("feature", FEATURES, ids=lambda f: type(f).__name__)
def test_rotation_and_translation_leave_edges_distances_and_angles(feature, dataset):
    matrix = Rotation.random(rng=np.random.default_rng(1)).as_matrix()
    moved = replace(dataset, positions=dataset.positions @ matrix + [3.0, -1.0, 2.0])
    before, after = feature.compute(dataset), feature.compute(moved)
    for name in before.keys() - {"positions"}:
        np.testing.assert_allclose(after[name], before[name], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda f: type(f).__name__)
def test_another_order_of_atoms_renumbers_the_same_edges(feature, dataset):
    molecule, size = 3, SIZES[3]
    order = np.random.default_rng(2).permutation(size)
    one = dataset[[molecule]]
    permuted = replace(one, charges=one.charges[:, order], positions=one.positions[:, order])
    before = edges_of(MoleculeGraphs.from_arrays(feature.compute(one)), 0)
    after = edges_of(MoleculeGraphs.from_arrays(feature.compute(permuted)), 0)
    renumbered = {(order[j], order[i]): d for (j, i), d in after.items()}
    assert renumbered == pytest.approx(before, abs=1e-6)


def test_with_padding_kept_a_translation_changes_the_graph(dataset):
    real = dataset.charges[:, :, None] > 0
    moved = replace(dataset, positions=np.where(real, dataset.positions + 10.0, 0.0))
    feature = NearestNeighbourGraph(3, "kept")
    before, after = feature.compute(dataset), feature.compute(moved)
    assert not np.array_equal(before["sources"], after["sources"])


@pytest.mark.parametrize("feature", FEATURES, ids=lambda f: type(f).__name__)
def test_results_do_not_depend_on_the_size_of_the_chunks(feature, dataset, monkeypatch):
    whole = feature.compute(dataset)
    monkeypatch.setattr("qm7bench.layouts.edges.CHUNK", 2)
    for name, array in feature.compute(dataset).items():
        np.testing.assert_array_equal(array, whole[name])
