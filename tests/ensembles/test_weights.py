"""Weights of an ensemble's members, and how far the members are apart."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.ensembles.weights import SMALLEST_FLOOR, combined, learned_weights, uncertainty


def test_a_member_too_high_and_one_too_low_cancel():
    errors = np.array([np.full(9, 1.0), np.full(9, -3.0)])
    np.testing.assert_allclose(learned_weights(errors), [0.75, 0.25], atol=1e-12)


def test_a_useless_member_gets_no_weight_at_all(rng):
    good = rng.normal(size=200)
    errors = np.array([good, good + 100.0, 50 * rng.normal(size=200)])
    np.testing.assert_array_equal(learned_weights(errors), [1.0, 0.0, 0.0])


def test_one_member_has_all_the_weight(rng):
    assert learned_weights(rng.normal(size=(1, 20))).tolist() == [1.0]


def test_members_without_any_error_are_combined_too():
    weights = learned_weights(np.zeros((3, 5)))
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()


def test_no_other_weights_have_a_smaller_error(rng):
    errors = rng.laplace(size=(3, 101)) * [[1.0], [1.3], [2.0]] + rng.normal(size=101)
    weights = learned_weights(errors)
    steps = np.linspace(0, 1, 41)
    others = np.array([(a, b, 1 - a - b) for a in steps for b in steps if a + b <= 1])
    found, tried = np.abs(weights @ errors).mean(), np.abs(others @ errors).mean(axis=1)
    assert (weights > 0.01).sum() > 1
    assert found <= tried.min() <= found + 0.01


def test_the_dual_program_has_the_weights_of_the_plain_one(rng):
    from scipy.optimize import linprog

    errors = rng.laplace(size=(4, 50)) * [[1.0], [1.1], [1.5], [2.0]]
    cost = np.append(np.zeros(4), np.ones(50))
    both_signs = np.vstack([errors.T, -errors.T])
    above = np.hstack([both_signs, -np.vstack([np.eye(50), np.eye(50)])])
    one = np.append(np.ones(4), np.zeros(50))[None]
    plain = linprog(cost, A_ub=above, b_ub=np.zeros(100), A_eq=one, b_eq=[1.0])
    np.testing.assert_allclose(learned_weights(errors), plain.x[:4], atol=1e-9)


def test_weights_are_the_same_in_any_unit(rng):
    errors = rng.laplace(size=(3, 60))
    np.testing.assert_allclose(learned_weights(errors), learned_weights(4.184 * errors), atol=1e-9)


def test_the_combination_is_the_weighted_mean():
    predictions = np.array([[-10.0, -20.0], [-14.0, -20.0]])
    assert combined(predictions, np.array([0.75, 0.25])).tolist() == [-11.0, -20.0]


def test_the_uncertainty_is_the_weighted_spread_with_a_floor():
    predictions = np.array([[-8.0, -20.0], [-16.0, -20.0]])
    found = uncertainty(predictions, np.array([0.5, 0.5]), floor=3.0)
    assert found.tolist() == [5.0, 3.0]


def test_members_that_agree_everywhere_have_a_positive_uncertainty():
    found = uncertainty(np.zeros((2, 4)), np.array([0.5, 0.5]), floor=0.0)
    np.testing.assert_allclose(found, SMALLEST_FLOOR)
