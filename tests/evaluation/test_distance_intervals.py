"""Intervals by classes of distance."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.errors import ModelError
from qm7bench.evaluation.distance_intervals import (
    SHARES,
    DistanceIntervals,
    coverage_across_folds,
)


@pytest.fixture
def molecules(rng):
    """Distances, and errors that grow with them, of 5,000 molecules in five folds."""
    distances = rng.exponential(size=5000)
    return distances, rng.normal(size=5000) * distances, np.arange(5000) % 5


def test_edges_are_quantiles_and_half_widths_those_of_the_errors_in_each_class(molecules):
    distances, errors, _ = molecules
    found = DistanceIntervals.calibrated(distances, errors)
    np.testing.assert_allclose([(distances <= edge).mean() for edge in found.edges], SHARES)
    nearest = np.abs(errors[distances <= found.edges[0]])
    assert (nearest <= found.half_widths[0]).mean() == pytest.approx(0.9, abs=1e-3)
    assert found.far == found.edges[-1]


def test_a_molecule_gets_the_interval_of_its_class(molecules):
    found = DistanceIntervals(0.9, np.array([1.0, 2.0]), np.array([0.1, 0.2, 0.5]))
    assert found.of(np.array([0.0, 1.0, 1.5, 2.0, 9.0, np.inf])).tolist() == [
        *(0.1, 0.1, 0.2, 0.2),
        *(0.5, 0.5),
    ]


def test_intervals_that_were_calibrated_on_other_folds_hold_what_they_promise(molecules):
    coverage, mean_width = coverage_across_folds(*molecules)
    assert coverage == pytest.approx(0.9, abs=0.015)
    distances, errors, folds = molecules
    shuffled, same_width = coverage_across_folds(distances[::-1].copy(), errors, folds)
    assert shuffled == pytest.approx(0.9, abs=0.015)
    assert mean_width < same_width  # they are narrower where distances tell something of errors


def test_json_keeps_everything(molecules):
    found = DistanceIntervals.calibrated(*molecules[:2])
    again = DistanceIntervals.from_json(found.to_json())
    np.testing.assert_array_equal(again.edges, found.edges)
    np.testing.assert_array_equal(again.half_widths, found.half_widths)
    assert again.level == found.level


def test_too_few_molecules_are_an_error(molecules):
    distances, errors, _ = molecules
    with pytest.raises(ModelError, match="800 molecules are too few"):
        DistanceIntervals.calibrated(distances[:800], errors[:800])
