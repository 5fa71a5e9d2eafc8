"""Isomers: errors of energy differences and orders, against all pairs one by one."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest
from scipy.stats import kendalltau

from qm7bench.beyond.isomers import COLUMNS, FEWEST, Isomers, kendall_tau
from qm7bench.beyond.track import NotApplicableError


@pytest.fixture(scope="module")
def frequent(qm9small):
    """Molecules of three compositions that have many, and of the rarest."""
    formulas = np.array(qm9small.formulas())
    names, counts = np.unique(formulas, return_counts=True)
    order = np.argsort(counts)
    chosen = [*names[order[-3:]], *names[order[:5]]]
    return qm9small[np.flatnonzero(np.isin(formulas, chosen))]


@pytest.fixture
def predictions(frequent, rng):
    return frequent.energies + rng.laplace(0.0, 3.0, len(frequent))


def pairs_of(dataset, known):
    """Pairs of isomers with a prediction, in compositions that have enough, by composition."""
    formulas = np.array(dataset.formulas())
    found = {}
    for name in np.unique(formulas):
        own = np.flatnonzero((formulas == name) & known)
        if len(own) >= FEWEST:
            found[name] = list(combinations(own.tolist(), 2))
    return found


def test_the_error_of_differences_is_that_of_all_pairs_one_by_one(frequent, predictions):
    predictions[::7] = np.nan
    found = Isomers(frequent).measure(predictions)
    by_name = pairs_of(frequent, np.isfinite(predictions))
    assert len(by_name) == 3
    pairs = np.array([pair for own in by_name.values() for pair in own])
    errors = predictions - frequent.energies
    i, j = pairs.T
    assert found["pairs_mae"] == pytest.approx(np.abs(errors[i] - errors[j]).mean())
    assert found["own_mae"] == pytest.approx(np.abs(errors[pairs]).mean())
    spread = np.abs(frequent.energies[i] - frequent.energies[j]).mean()
    assert found["spread"] == pytest.approx(spread)
    assert (found["pairs"], found["compositions"]) == (len(pairs), 3)
    assert found["molecules"] == len(np.unique(pairs))


def test_orders_are_weighted_by_pairs(frequent, predictions):
    found = Isomers(frequent).measure(predictions)
    own = {}
    for name, pairs in pairs_of(frequent, np.isfinite(predictions)).items():
        members = np.unique(pairs)
        tau = kendalltau(frequent.energies[members], predictions[members]).statistic
        own[name] = (len(pairs), tau)
    pairs, tau = np.array(list(own.values())).T
    assert found["tau"] == pytest.approx((pairs * tau).sum() / pairs.sum())
    largest = max(own, key=lambda name: own[name][0])
    assert (found["largest"], found["largest_tau"]) == (largest, pytest.approx(own[largest][1]))


def test_cancellation_compares_with_pairs_of_all_compositions(frequent, predictions):
    found = Isomers(frequent).measure(predictions)
    errors = predictions - frequent.energies
    by_name = pairs_of(frequent, np.isfinite(predictions))
    weights = np.bincount(
        np.ravel([*chain.from_iterable(by_name.values())]), minlength=len(frequent)
    )
    i, j = np.triu_indices(len(frequent), k=1)
    w = (weights[i] * weights[j]).astype(float)
    at_random = np.average(np.abs(errors[i] - errors[j]), weights=w)
    assert found["cancellation"] == pytest.approx(found["pairs_mae"] / at_random)


def test_an_error_that_isomers_share_cancels(frequent, predictions):
    formulas, composition = np.unique(frequent.formulas(), return_inverse=True)
    shared = 50.0 * np.arange(len(formulas))[composition]
    isomers = Isomers(frequent)
    before, after = isomers.measure(predictions), isomers.measure(predictions + shared)
    assert after["pairs_mae"] == pytest.approx(before["pairs_mae"])
    assert after["tau"] == pytest.approx(before["tau"])
    assert after["own_mae"] > before["own_mae"] + 5.0
    assert after["cancellation"] < 0.5 < before["cancellation"]


def test_exact_predictions_have_no_error_and_the_right_order(frequent):
    found = Isomers(frequent).measure(frequent.energies)
    assert (found["pairs_mae"], found["cancellation"]) == (0.0, None)
    assert found["tau"] == pytest.approx(1.0)
    assert Isomers(frequent).measure(-frequent.energies)["tau"] == pytest.approx(-1.0)


def test_one_prediction_for_all_orders_nothing(frequent):
    assert kendall_tau(frequent.energies, np.full(len(frequent), -1000.0)) == 0.0
    found = Isomers(frequent).measure(np.full(len(frequent), -1000.0))
    assert found["tau"] == 0.0
    assert found["pairs_mae"] == pytest.approx(found["spread"])


def test_an_entry_without_predictions_has_no_values(frequent):
    found = Isomers(frequent).measure(np.full(len(frequent), np.nan))
    assert found == dict.fromkeys((column.name for column in COLUMNS), None)


def test_the_order_of_molecules_changes_nothing(frequent, predictions, rng):
    order = rng.permutation(len(frequent))
    found = Isomers(frequent[order]).measure(predictions[order])
    for name, value in Isomers(frequent).measure(predictions).items():
        expected = value if isinstance(value, str) else pytest.approx(value)
        assert found[name] == expected, name


def test_a_data_set_of_rare_compositions_is_told_why_not(frequent):
    few = replace(frequent, name="mine")[:10]
    with pytest.raises(NotApplicableError, match=r"No composition of mine has 20 molecules; the"):
        Isomers(few)
