"""Errors of predictions, and whether two rows of the table differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_rel

from qm7bench.evaluation.comparison import paired_difference
from qm7bench.evaluation.metrics import (
    in_words,
    max_error,
    mean_absolute_error,
    measured,
    root_mean_squared_error,
)

ENERGIES = np.array([-100.0, -200.0, -300.0, -400.0])
PREDICTIONS = ENERGIES + np.array([1.0, -1.0, 3.0, -5.0])


def test_metrics_by_hand():
    assert mean_absolute_error(ENERGIES, PREDICTIONS) == 2.5
    assert root_mean_squared_error(ENERGIES, PREDICTIONS) == 3.0
    assert max_error(ENERGIES, PREDICTIONS) == 5.0


def test_metrics_are_zero_for_perfect_predictions():
    for metric in (mean_absolute_error, root_mean_squared_error, max_error):
        assert metric(ENERGIES, ENERGIES) == 0.0


def test_the_root_mean_squared_error_is_pooled_and_not_averaged_over_parts(rng):
    errors = rng.normal(size=100) * np.linspace(1, 10, 100)
    pooled = root_mean_squared_error(np.zeros(100), errors)
    halves = [root_mean_squared_error(np.zeros(50), part) for part in np.split(errors, 2)]
    assert pooled == pytest.approx(np.sqrt(np.mean(np.square(halves))))
    assert pooled > np.mean(halves)


def test_the_difference_of_two_rows_is_that_of_their_absolute_errors(rng):
    ids = np.arange(50)
    mine, reference = 2 * rng.normal(size=50), rng.normal(size=50)
    found = paired_difference(ids, mine, ids, reference)
    assert found.molecules == 50
    assert found.difference == pytest.approx(np.mean(np.abs(mine)) - np.mean(np.abs(reference)))
    assert found.p_value == pytest.approx(ttest_rel(np.abs(mine), np.abs(reference)).pvalue)


def test_molecules_are_paired_by_their_ids_whatever_their_order(rng):
    ids = np.arange(100, 150)
    mine, reference = rng.normal(size=50), rng.normal(size=50)
    expected = paired_difference(ids, mine, ids, reference)
    order = rng.permutation(50)
    assert paired_difference(ids[order], mine[order], ids, reference) == expected


def test_only_molecules_of_both_rows_count(rng):
    mine, reference = rng.normal(size=50), rng.normal(size=30)
    found = paired_difference(np.arange(50), mine, np.arange(40, 70), reference)
    assert found == paired_difference(np.arange(10), mine[40:], np.arange(10), reference[:10])
    assert found.molecules == 10


def test_rows_that_agree_everywhere_are_not_different():
    errors = np.array([1.0, -2.0, 3.0])
    found = paired_difference(np.arange(3), errors, np.arange(3), -errors)
    assert (found.difference, found.p_value) == (0.0, 1.0)


@pytest.mark.parametrize("shared", [0, 1])
def test_fewer_than_two_shared_molecules_say_nothing(shared):
    found = paired_difference(np.arange(3), np.ones(3), np.arange(3) + 3 - shared, np.ones(3))
    assert np.isnan([found.difference, found.p_value]).all()
    assert found.molecules == shared


def test_molecules_without_prediction_are_counted_and_left_out_of_the_errors():
    predictions = np.append(PREDICTIONS, [np.nan, np.inf])
    found = measured(np.append(ENERGIES, [-1.0, -2.0]), predictions)
    assert found == {
        "test_molecules": 6,
        "unpredicted": 2,
        "mae": 2.5,
        "rmse": 3.0,
        "largest_error": 5.0,
    }


def test_no_prediction_at_all_has_no_error():
    found = measured(ENERGIES, np.full(4, np.nan))
    assert found["unpredicted"] == 4
    assert found["mae"] is found["rmse"] is found["largest_error"] is None


def test_entries_are_compared_on_the_molecules_that_both_predicted(rng):
    ids, mine, reference = np.arange(50), rng.normal(size=50), rng.normal(size=50)
    mine[3], reference[7] = np.nan, np.nan
    both = np.delete(ids, [3, 7])
    found = paired_difference(ids, mine, ids, reference)
    assert found == paired_difference(both, mine[both], both, reference[both])
    assert found.molecules == 48


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (0, "MAE 2.5000 kcal/mol, RMSE 3.0000"),
        (1, "MAE 3.0000 kcal/mol, RMSE 3.4157 (1 of 4 molecules not predicted)"),
        (4, "none of 4 molecules predicted"),
    ],
)
def test_errors_are_told_with_the_molecules_that_they_lack(missing, said):
    predictions = np.where(np.arange(4) < missing, np.nan, PREDICTIONS)
    assert in_words(measured(ENERGIES, predictions)) == said
