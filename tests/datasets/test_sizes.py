"""Sizes of data sets are those of the molecules that are loaded."""

from __future__ import annotations

import pytest

from qm7bench.chemistry.size import Size
from qm7bench.datasets.auto import load_dataset
from qm7bench.datasets.sizes import size_of


def size_of_loaded(dataset):
    return Size.of(row[row > 0].tolist() for row in dataset.charges)


@pytest.mark.parametrize(
    "name",
    [
        "qm9small",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("qm9large", "qm9", "qm9_by_size")
        ),
    ],
)
def test_sizes_of_built_in_data_sets_are_those_of_their_molecules(name):
    assert size_of(name, {}) == size_of_loaded(load_dataset(name, {})[0])


@pytest.mark.needs_qm7
@pytest.mark.parametrize("name", ["qm7", "qm7_by_size"])
def test_the_size_of_qm7_is_that_of_its_molecules(qm7_file, name):
    assert size_of(name, {}) == size_of_loaded(load_dataset(name, {})[0])


def test_auto_counts_as_the_larger_of_what_it_may_be():
    assert size_of("auto", {}) == size_of("qm7", {})


def test_a_users_file_is_counted_as_it_is_read(tmp_path):
    file = tmp_path / "mine.xyz"
    water = "3\nenergy=-1\nO 0 0 0\nH 0 0 1\nH 0 1 0\n"
    file.write_text(water + "\n" + "1\nenergy=-2\nC 0 0 0\n")
    assert size_of("mine", {"file": str(file)}) == Size.of([[8, 1, 1], [6]])


@pytest.mark.parametrize("text", ["", "no molecules", "3\n\nO 0 0 0\n"])
def test_of_a_file_that_cannot_be_read_no_size_is_told(tmp_path, text):
    file = tmp_path / "mine.xyz"
    file.write_text(text)
    assert size_of("mine", {"file": str(file)}) is None


def test_of_an_unknown_data_set_or_file_no_size_is_told(tmp_path):
    assert size_of("unknown", {}) is None
    assert size_of("mine", {"file": str(tmp_path / "absent.xyz")}) is None
