"""Conformal intervals: how wide, and how many molecules they cover."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qm7bench.evaluation.conformal import (
    calibrated,
    conformal_quantile,
    cross_fold_intervals,
    interval_quality,
    quality_by_inner_errors,
)


def test_the_quantile_has_the_finite_sample_correction():
    scores = np.arange(1.0, 100.0)
    assert conformal_quantile(scores, 0.9) == 90.0
    assert conformal_quantile(scores[::-1], 0.5) == 50.0


def test_too_few_scores_for_the_level_give_an_infinite_width():
    assert conformal_quantile(np.ones(8), 0.9) == np.inf
    assert conformal_quantile(np.ones(9), 0.9) == 1.0


@given(st.lists(st.floats(0.0, 1e3), min_size=1, max_size=40), st.integers(1, 99))
def test_the_quantile_is_the_smallest_score_that_reaches_the_level(scores, percent):
    """A new score, alike with the others in rank, is within it with at least the probability."""
    found = conformal_quantile(np.array(scores), percent / 100)
    needed = percent * (len(scores) + 1)
    within = sum(score <= found for score in scores)
    below = sum(score < found for score in scores)
    if found < np.inf:
        assert 100 * within >= needed > 100 * below
    else:
        assert 100 * len(scores) < needed


def test_a_fold_is_calibrated_on_the_others_and_never_on_itself():
    folds = np.repeat(np.arange(3), 20)
    errors = np.repeat([1.0, 2.0, 3.0], 20)
    assert cross_fold_intervals(errors, folds).tolist() == [3.0] * 40 + [2.0] * 20
    errors[folds == 2] = 1000.0
    assert (cross_fold_intervals(errors, folds)[folds == 2] == 2.0).all()


def test_widths_follow_the_models_own_uncertainty(rng):
    folds, uncertainty = np.arange(300) % 3, rng.uniform(0.5, 2.0, 300)
    errors = uncertainty * rng.normal(size=300)
    widths = cross_fold_intervals(errors, folds, uncertainty)
    for fold in range(3):
        np.testing.assert_allclose(np.ptp((widths / uncertainty)[folds == fold]), 0, atol=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_the_coverage_is_the_level_asked_for(rng, level):
    folds, errors = np.arange(5000) % 5, rng.normal(size=5000)
    quality = interval_quality(errors, folds, level=level)
    assert quality.coverage == pytest.approx(level, abs=0.02)


def test_a_good_uncertainty_makes_intervals_narrower_for_the_same_coverage(rng):
    folds, uncertainty = np.arange(5000) % 5, rng.lognormal(0, 1.5, 5000)
    errors = uncertainty * rng.normal(size=5000)
    plain, informed = interval_quality(errors, folds), interval_quality(errors, folds, uncertainty)
    assert informed.mean_width < plain.mean_width
    assert informed.coverage == pytest.approx(plain.coverage, abs=0.02)


def test_one_fold_alone_has_no_intervals():
    assert interval_quality(np.ones(10), np.zeros(10, dtype=int)) is None


def test_an_interval_from_inside_has_the_quantile_of_the_inner_errors():
    inner = np.concatenate([np.arange(1.0, 51.0), -np.arange(51.0, 100.0)])
    found = quality_by_inner_errors(np.array([90.0, -90.0, 90.1, -200.0]), inner)
    assert (found.coverage, found.mean_width) == (0.5, 180.0)


def test_molecules_without_prediction_neither_calibrate_nor_count(rng):
    errors, folds = rng.normal(size=300), np.arange(300) % 3
    missing = rng.permutation(300)[:40]
    known = np.delete(np.arange(300), missing)
    expected = interval_quality(errors[known], folds[known])
    errors[missing] = np.nan
    assert interval_quality(errors, folds) == expected
    assert quality_by_inner_errors(errors, errors) == quality_by_inner_errors(
        errors[known], errors[known]
    )


@pytest.mark.parametrize("molecules", range(5, 12))
def test_too_few_molecules_have_no_interval_and_no_infinite_one(rng, molecules):
    errors, folds = rng.normal(size=molecules), np.arange(molecules) % 5
    quality = interval_quality(errors, folds)
    # Nine are needed to calibrate on, and a fold of two leaves nine of eleven.
    assert quality is None or np.isfinite(quality.mean_width)
    assert (quality is not None) == (molecules - np.bincount(folds).max() >= 9)
    inner = quality_by_inner_errors(errors, errors)
    assert (inner is not None) == (molecules >= 9)


def test_nothing_predicted_has_no_interval():
    errors = np.full(30, np.nan)
    assert interval_quality(errors, np.arange(30) % 3) is None
    assert quality_by_inner_errors(errors, np.ones(30)) is None


def test_errors_and_uncertainties_of_exactly_zero_give_an_interval_of_no_width():
    zeros, folds = np.zeros(30), np.arange(30) % 3
    for uncertainties in (None, zeros):
        quality = interval_quality(zeros, folds, uncertainties)
        assert (quality.coverage, quality.mean_width) == (1.0, 0.0)
        calibration = calibrated(zeros, uncertainties)
        assert (calibration.half_widths(30, uncertainties) == 0).all()


def test_a_model_that_is_wrongly_certain_gets_finite_intervals():
    errors, folds = np.ones(30), np.arange(30) % 3
    quality = interval_quality(errors, folds, np.zeros(30))
    assert quality.coverage == 1.0
    assert quality.mean_width == pytest.approx(2.0)
