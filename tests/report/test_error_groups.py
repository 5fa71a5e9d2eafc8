"""Groups, hard molecules and the front of error against cost."""

import numpy as np
import pytest
from report_example import small_dataset

from qm7bench.report.error_groups import (
    SMALLEST_GROUP,
    composition,
    groups_by_composition,
    groups_by_size,
    hard_molecules,
    mean_absolute,
    pareto_front,
    worst_molecules,
)


@pytest.fixture(scope="module")
def dataset():
    return small_dataset()


@pytest.mark.parametrize("groups_of", [groups_by_size, groups_by_composition])
def test_groups_hold_every_molecule_once(dataset, groups_of):
    members = np.concatenate([group.members for group in groups_of(dataset)])
    assert sorted(members) == list(range(len(dataset)))


def test_size_groups_are_large_enough_and_in_order(dataset):
    groups = groups_by_size(dataset)
    assert min(len(group.members) for group in groups) >= SMALLEST_GROUP
    assert [g.value for g in groups] == sorted(g.value for g in groups)


def test_few_molecules_are_one_group(dataset):
    groups = groups_by_size(dataset[:4])
    assert len(groups) == 1
    assert len(groups[0].members) == 4


def test_composition_is_the_set_of_heavy_elements():
    assert composition(np.array([6, 8, 1, 1, 6, 0, 0])) == "C O"
    assert composition(np.array([1, 1, 0])) == "H"


def test_mean_absolute_passes_over_molecules_that_were_not_tested(dataset):
    group = groups_by_composition(dataset)[0]
    errors = np.full(len(dataset), np.nan)
    assert np.isnan(mean_absolute(errors, group))
    errors[group.members[:2]] = [-1.0, 3.0]
    assert mean_absolute(errors, group) == 2.0


def test_worst_molecules_have_the_largest_absolute_errors_and_were_tested():
    errors = np.array([1.0, -9.0, np.nan, 4.0])
    assert worst_molecules(errors, 2).tolist() == [1, 3]
    assert worst_molecules(errors, 9).tolist() == [1, 3, 0]


def test_a_molecule_is_hard_only_if_every_row_finds_it_hard():
    first = np.array([9.0, 1.0, 8.0, 2.0, 3.0])
    second = np.array([0.1, 1.0, -7.0, 2.0, 3.0])
    third = np.array([5.0, 1.0, 6.0, 2.0, 3.0])
    hard = hard_molecules([first, second, third], 1)
    assert hard.places.tolist() == [2]
    assert hard.easiest_share.tolist() == [0.75]


def test_rows_of_the_worse_half_do_not_decide_what_is_hard():
    good = [np.array([1.0, 2.0, 9.0])] * 3
    poor = [np.array([50.0, 40.0, 0.0])] * 3
    hard = hard_molecules(good + poor, 1)
    assert hard.rows == 3
    assert hard.places.tolist() == [2]


def test_front_holds_what_nothing_beats_in_both():
    costs = np.array([1.0, 2.0, 2.0, 5.0, 9.0])
    errors = np.array([8.0, 4.0, 6.0, 7.0, 1.0])
    assert pareto_front(costs, errors).tolist() == [0, 1, 4]
