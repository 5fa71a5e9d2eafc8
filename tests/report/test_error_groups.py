"""Groups, hard molecules and the front of error against cost."""

import numpy as np
import pandas as pd
import pytest
from report_example import small_dataset

from qm7bench.evaluation import molecule_groups
from qm7bench.evaluation.molecule_groups import SMALLEST_GROUP, composition
from qm7bench.report.error_groups import (
    groups_by_composition,
    groups_by_function,
    groups_by_size,
    hard_molecules,
    pareto_front,
    worst_molecules,
)


@pytest.fixture(scope="module")
def dataset():
    return small_dataset()


@pytest.mark.parametrize("groups_of", [groups_by_size, groups_by_composition])
def test_groups_hold_every_molecule_once(dataset, groups_of):
    assert sorted(groups_of(dataset).labels.index) == list(range(len(dataset)))


def test_size_groups_are_large_enough_and_in_order(dataset):
    groups = groups_by_size(dataset)
    assert groups.counts.min() >= SMALLEST_GROUP
    sizes = groups.means(pd.DataFrame({"atoms": dataset.sizes}))["atoms"]
    assert sizes.is_monotonic_increasing
    assert next(iter(sizes.index)).startswith(str(dataset.sizes.min()))
    assert list(sizes.index)[-1].endswith(str(dataset.sizes.max()))


def test_compositions_are_the_largest_first_and_rare_ones_joined(dataset):
    counts = groups_by_composition(dataset).counts
    assert counts.index[-1] == "other"
    assert counts.iloc[:-1].is_monotonic_decreasing
    assert counts.iloc[:-1].min() >= SMALLEST_GROUP


def test_a_molecule_is_in_every_functional_group_that_it_has(dataset, monkeypatch):
    monkeypatch.setattr(molecule_groups, "SMALLEST_GROUP", 2)
    labels = groups_by_function(dataset).labels
    names = dataset.formulas()
    aziridine = [i for i in labels.index.unique() if names[i] == "C2H5N"]
    assert {"amine", "three-membered ring"} in [set(labels.loc[[i]]) for i in aziridine]
    methane = names.index("CH4")
    assert methane not in labels.index


def test_few_molecules_are_one_group(dataset):
    groups = groups_by_size(dataset[:4])
    assert groups.counts.tolist() == [4]


def test_composition_is_the_set_of_heavy_elements():
    assert composition(np.array([6, 8, 1, 1, 6, 0, 0])) == "C O"
    assert composition(np.array([1, 1, 0])) == "H"


def test_means_pass_over_molecules_that_were_not_tested(dataset):
    groups = groups_by_composition(dataset)
    errors = np.full(len(dataset), np.nan)
    first = groups.labels.index[groups.labels == groups.counts.index[0]]
    errors[first[:2]] = [1.0, 3.0]
    found = groups.means(pd.DataFrame({"1": errors}))["1"]
    assert found.iloc[0] == 2.0
    assert found.iloc[1:].isna().all()


def test_worst_molecules_have_the_largest_absolute_errors_and_were_tested():
    errors = np.array([1.0, -9.0, np.nan, 4.0])
    assert worst_molecules(errors, 2).tolist() == [1, 3]
    assert worst_molecules(errors, 9).tolist() == [1, 3, 0]


def test_a_molecule_is_hard_only_if_every_entry_finds_it_hard():
    first = np.array([9.0, 1.0, 8.0, 2.0, 3.0])
    second = np.array([0.1, 1.0, -7.0, 2.0, 3.0])
    third = np.array([5.0, 1.0, 6.0, 2.0, 3.0])
    hard = hard_molecules([first, second, third], 1)
    assert hard.indices.tolist() == [2]
    assert hard.easiest_share.tolist() == [0.75]


def test_entries_of_the_worse_half_do_not_decide_what_is_hard():
    good = [np.array([1.0, 2.0, 9.0])] * 3
    poor = [np.array([50.0, 40.0, 0.0])] * 3
    hard = hard_molecules(good + poor, 1)
    assert hard.entries == 3
    assert hard.indices.tolist() == [2]


def test_front_holds_what_nothing_beats_in_both():
    costs = np.array([1.0, 2.0, 2.0, 5.0, 9.0])
    errors = np.array([8.0, 4.0, 6.0, 7.0, 1.0])
    assert pareto_front(costs, errors).tolist() == [0, 1, 4]
