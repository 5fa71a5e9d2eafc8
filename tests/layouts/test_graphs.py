"""The flat container of graphs: selection and minibatches."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.errors import ModelError
from qm7bench.layouts.graphs import MoleculeGraphs, entries_of, sums_by_element


@pytest.fixture
def graphs() -> MoleculeGraphs:
    """Three molecules of 1, 3 and 2 atoms; the second is a path 0 - 1 - 2, the third a pair."""
    return MoleculeGraphs(
        charges=np.array([1, 8, 1, 1, 6, 8]),
        positions=np.arange(18, dtype=np.float32).reshape(6, 3),
        atom_offsets=np.array([0, 1, 4, 6]),
        sources=np.array([1, 0, 2, 1, 1, 0], dtype=np.int32),
        targets=np.array([0, 1, 1, 2, 0, 1], dtype=np.int32),
        edge_offsets=np.array([0, 0, 4, 6]),
        distances=np.array([1, 1, 2, 2, 3, 3], dtype=np.float32),
        triplet_in=np.array([2, 1], dtype=np.int32),
        triplet_out=np.array([0, 3], dtype=np.int32),
        angles=np.array([0.5, 0.5], dtype=np.float32),
        triplet_offsets=np.array([0, 0, 2, 2]),
        cutoff=np.array([5.0]),
        descriptors=np.arange(12, dtype=np.float32).reshape(6, 2),
    )


def test_entries_follow_the_order_of_the_rows_asked_for():
    offsets = np.array([0, 2, 2, 5])
    assert entries_of(offsets, np.array([2, 1, 0, 2])).tolist() == [2, 3, 4, 0, 1, 2, 3, 4]


def test_a_batch_counts_atoms_and_edges_through_all_its_molecules(graphs):
    batch = graphs.batch(np.array([2, 1, 0]))
    assert batch["charges"].tolist() == [6, 8, 8, 1, 1, 1]
    assert batch["molecule"].tolist() == [0, 0, 1, 1, 1, 2]
    assert batch["sources"].tolist() == [1, 0, 3, 2, 4, 3]
    assert batch["targets"].tolist() == [0, 1, 2, 3, 3, 4]
    assert batch["triplet_in"].tolist() == [4, 3]
    assert batch["triplet_out"].tolist() == [2, 5]
    assert batch["sources"].dtype == batch["triplet_in"].dtype == np.int64


@pytest.mark.parametrize("rows", [np.array([1, 2]), slice(1, None), np.array([False, True, True])])
def test_a_selection_keeps_numbers_within_the_molecule(graphs, rows):
    chosen = graphs[rows]
    assert len(chosen) == 2
    assert chosen.sources.tolist() == [1, 0, 2, 1, 1, 0]
    assert chosen.edge_counts.tolist() == [4, 2]
    assert chosen.triplet_offsets.tolist() == [0, 2, 2]
    assert chosen.descriptors[:, 0].tolist() == [2, 4, 6, 8, 10]


def test_arrays_and_back_is_the_same_object(graphs):
    again = MoleculeGraphs.from_arrays(graphs.arrays())
    assert all(again.arrays()[name] is array for name, array in graphs.arrays().items())


def test_elements_are_counted_in_each_molecule(graphs):
    counts = graphs.element_counts(np.array([1, 8]))
    assert counts.tolist() == [[1, 0], [2, 1], [0, 1]]


def test_descriptors_are_summed_over_the_atoms_of_each_element(graphs):
    sums = sums_by_element(
        graphs.descriptors, graphs.charges, graphs.atom_offsets, np.array([1, 8])
    )
    assert sums.tolist() == [[0, 1, 0, 0], [4 + 6, 5 + 7, 2, 3], [0, 0, 10, 11]]


def test_arrays_of_another_layout_are_refused_in_one_line():
    with pytest.raises(ModelError, match="needs a feature with graphs; found values"):
        MoleculeGraphs.from_arrays({"values": np.zeros((3, 2))})
