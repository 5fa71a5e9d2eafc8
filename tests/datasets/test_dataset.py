"""The object that every data set becomes, and the checks that all of them pass."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from qm7bench.chemistry.distances import pair_distances
from qm7bench.datasets.dataset import Dataset, check_dataset, pad, parts_of
from qm7bench.datasets.folds import stratified_folds
from qm7bench.datasets.storage import read_dataset, write_dataset
from qm7bench.errors import ArtefactError, DataSetError, GeometryError


@pytest.fixture
def dataset():
    """Five hydrogen molecules and a padding atom."""
    positions = np.zeros((5, 3, 3))
    positions[:, 1, 2] = 0.74 + 0.01 * np.arange(5)
    charges = np.tile([1, 1, 0], (5, 1))
    energies = -109.0 + np.arange(5.0)
    return Dataset("mine", np.arange(10, 15), charges, positions, energies, np.arange(5))


def test_a_good_data_set_passes(dataset):
    assert check_dataset(dataset, 5) is dataset


def test_rows_can_be_selected_by_slice_mask_and_numbers(dataset):
    expected = [12, 13]
    assert dataset[2:4].ids.tolist() == expected
    assert dataset[np.array([2, 3])].ids.tolist() == expected
    assert dataset[np.isin(dataset.folds, [2, 3])].ids.tolist() == expected
    assert len(dataset[2:4]) == 2


def changed(dataset, name, index, value):
    array = getattr(dataset, name).copy()
    array[index] = value
    return replace(dataset, **{name: array})


@pytest.mark.parametrize(
    ("name", "index", "value", "error", "message"),
    [
        ("charges", (1, 0), -1, DataSetError, "molecule 11 has a negative nuclear charge"),
        ("charges", (1,), 0, DataSetError, "molecule 11 has no atoms"),
        ("charges", (1, 0), 0, DataSetError, "molecule 11 has padding before its last atom"),
        ("energies", (2,), np.nan, DataSetError, "molecule 12 has no finite energy"),
        ("energies", (2,), -np.inf, DataSetError, "molecule 12 has no finite energy"),
        ("folds", (3,), 4, DataSetError, "mine: folds must be 0 to 4 with molecules in each"),
        ("folds", (3,), 5, DataSetError, "molecule 13 is in fold 5; folds must be 0 to 4"),
        ("folds", (3,), -1, DataSetError, "molecule 13 is in fold -1; folds must be 0 to 4"),
        ("folds", (3,), 20231100, DataSetError, "molecule 13 is in fold 20231100; folds must"),
        ("positions", (4, 1), 0.0, GeometryError, "molecule 14: atoms 0 and 1 are 0.000 Angstrom"),
        ("positions", (4, 1, 0), np.nan, GeometryError, "molecule 14 has a coordinate"),
    ],
)
def test_a_bad_molecule_is_named_by_its_id(dataset, name, index, value, error, message):
    with pytest.raises(error, match=message):
        check_dataset(changed(dataset, name, index, value), 5)


def test_energies_may_be_unknown_in_molecules_to_predict(dataset):
    check_dataset(changed(dataset, "energies", (0,), np.nan))


def test_fewer_molecules_than_folds_are_an_error(dataset):
    with pytest.raises(DataSetError, match="3 molecules are fewer than 5 folds"):
        check_dataset(dataset[:3], 5)


def test_no_molecules_are_an_error(dataset):
    with pytest.raises(DataSetError, match="no molecules"):
        check_dataset(dataset[:0], 5)


@pytest.mark.parametrize("trimmed", [True, False])
@pytest.mark.parametrize(("pairs", "molecules"), [(1, 1), (1000, 7), (10**9, 10**9), (500, 100)])
def test_parts_hold_all_molecules_in_order_and_few_pairs(
    small_molecules, trimmed, pairs, molecules
):
    shuffled = small_molecules[np.random.default_rng(1).permutation(60)]
    ids, width = [], shuffled.charges.shape[1]
    for indices, part in parts_of(shuffled, pairs, molecules, trimmed):
        np.testing.assert_array_equal(part.ids, shuffled.ids[indices])
        np.testing.assert_array_equal(part.sizes, shuffled.sizes[indices])
        largest = part.charges.shape[1]
        assert largest == (part.sizes.max() if trimmed else width)
        assert part.positions.shape == (len(part), largest, 3)
        assert len(part) <= molecules
        assert len(part) == 1 or len(part) * largest**2 <= pairs
        ids += part.ids.tolist()
    assert ids == shuffled.ids.tolist()


def test_memory_follows_the_pairs_of_atoms_and_not_the_largest_molecule(one_large_molecule):
    tracemalloc.start()
    check_dataset(one_large_molecule, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300e6  # bytes; all molecules as large as the largest would need 20e9


def test_a_molecule_larger_than_the_padding_is_an_error():
    hydrogen = (np.array([1, 1]), np.zeros((2, 3)))
    water = (np.array([8, 1, 1]), np.zeros((3, 3)))
    with pytest.raises(DataSetError, match="molecule 1 has 3 atoms, more than the 2") as caught:
        pad([hydrogen, water], atoms=2)
    assert "raise the padding or leave the molecule out" in str(caught.value)


def test_padding_can_be_wider_than_the_largest_molecule():
    charges, positions = pad([(np.array([1, 1]), np.ones((2, 3)))], atoms=4)
    assert charges.tolist() == [[1, 1, 0, 0]]
    assert positions.shape == (1, 4, 3)
    assert positions[0, 2:].max() == 0


def test_distances_to_padding_are_infinite(dataset):
    distances = pair_distances(dataset.charges, dataset.positions)
    assert distances[0, 0, 1] == distances[0, 1, 0] == pytest.approx(0.74)
    assert np.isinf(distances[:, 2]).all()
    assert np.isinf(distances[:, :, 2]).all()


def test_folds_differ_by_at_most_one_molecule_for_any_size(rng):
    for size in (5, 6, 23, 100, 104):
        sizes = np.bincount(stratified_folds(rng.normal(size=size), seed=0), minlength=5)
        assert np.ptp(sizes) <= 1


def test_folds_depend_on_the_seed_and_on_nothing_else(rng):
    energies = rng.normal(size=100)
    first = stratified_folds(energies, seed=1)
    np.testing.assert_array_equal(first, stratified_folds(energies, seed=1))
    assert (first != stratified_folds(energies, seed=2)).any()


def test_a_data_set_is_read_as_it_was_written(small_molecules, tmp_path):
    path = tmp_path / "metadata.json"
    write_dataset(path, small_molecules, {"sha256": "0" * 64})
    read = read_dataset(path)
    assert read.name == small_molecules.name
    for name in ("ids", "charges", "positions", "energies", "folds"):
        np.testing.assert_array_equal(getattr(read, name), getattr(small_molecules, name))


@pytest.mark.parametrize("name", ["molecules.parquet", "charges.npy", "positions.npy"])
def test_a_damaged_data_set_is_found_named_and_removed(small_molecules, tmp_path, name):
    path = tmp_path / "metadata.json"
    write_dataset(path, small_molecules, {"sha256": "0" * 64})
    damaged = bytearray((tmp_path / name).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / name).write_bytes(damaged)
    with pytest.raises(ArtefactError, match=f"{name} was damaged after it was written"):
        read_dataset(path)
    assert not path.exists()
