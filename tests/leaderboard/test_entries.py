"""A finished entry as one value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.entries import Selection, read_entry


def test_errors_are_joined_by_id_whatever_the_order(dataset, entry):
    own = entry("good", 2.0)
    order = np.random.default_rng(2).permutation(40)
    shuffled = {name: column[order] for name, column in own.predictions.items()}
    found = replace(own, predictions=shuffled).errors(dataset)
    np.testing.assert_allclose(found, own.errors(dataset)[order])
    assert np.abs(found).max() < 3.0


@pytest.mark.parametrize("stranger", [0, 120.5, 999])
def test_a_molecule_that_the_data_set_does_not_have_is_an_error(dataset, entry, stranger):
    own = entry("good", 2.0)
    own.predictions["id"] = own.predictions["id"].astype(float)
    own.predictions["id"][3] = stranger
    with pytest.raises(ArtefactError, match="which the data set mine does not have"):
        own.errors(dataset)


def test_some_folds_of_an_entry_are_an_entry_of_these_folds(entry):
    own = entry("good", 2.0)
    part = own.only([1])
    assert (part.folds, set(part.made_by)) == ([1], {1})
    assert set(part.predictions["fold"]) == {1}
    assert len(part.predictions["id"]) == 20
    assert own.folds == [0, 1]


def test_several_selections_cost_their_sum_and_have_no_best_on_test(entry):
    own = entry("good", 2.0)
    one = Selection([0], {"mae": 1.0}, ["alpha"], {"cpu_seconds": 3.0, "peak_memory_mb": 10.0})
    other = Selection([1], {"mae": 2.0}, ["gamma"], {"cpu_seconds": 4.0, "peak_memory_mb": 90.0})
    both = replace(own, selections=[one, other])
    assert both.selection_cost == {"cpu_seconds": 7.0, "peak_memory_mb": 90.0}
    assert (both.optimistic, both.edges) == ({}, ["alpha", "gamma"])
    assert replace(own, selections=[one]).optimistic == {"mae": 1.0}


def test_a_folder_without_finished_folds_is_an_error(tmp_path):
    with pytest.raises(ArtefactError, match="no finished folds; run the workflow first"):
        read_entry(tmp_path)
