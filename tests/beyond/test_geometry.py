"""Errors of predictions on two geometries."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.artefacts.results_tree import TRACKS
from qm7bench.beyond.geometry import COLUMNS, TRACK, measure
from qm7bench.beyond.table import measured
from qm7bench.beyond.track import load

ENERGIES = np.array([-100.0, -200.0, -300.0, -400.0])
BEFORE = np.array([-101.0, -200.0, -302.0, np.nan])
AFTER = np.array([-97.0, -201.0, np.nan, -400.0])
DEVIATIONS = np.array([0.1, 0.3, 0.9, 0.9])
RELAXATION = np.array([-2.0, -4.0, -90.0, -90.0])


def test_errors_are_over_the_molecules_that_are_predicted_in_both_geometries():
    found = measure(ENERGIES, BEFORE, AFTER, DEVIATIONS, RELAXATION)
    assert found == pytest.approx(
        {
            "relaxed_mae": 2.0,  # 3 and 1
            "original_mae": 0.5,  # 1 and 0
            "shift": 2.5,  # 4 and 1
            "median_shift": 2.5,
            "mean_shift": 1.5,  # +4 and -1
            "max_shift": 4.0,
            "relaxation_energy": -3.0,
            "shift_to_relaxation": 4.5,  # +4 to -2 and -1 to -4
            "deviation": 0.2,
            "molecules": 2,
        }
    )
    assert list(found) == [column.name for column in COLUMNS]


def test_equal_geometries_have_no_shift():
    found = measure(ENERGIES, BEFORE, BEFORE, 0 * DEVIATIONS, 0 * RELAXATION)
    assert (found["shift"], found["max_shift"], found["deviation"]) == (0.0, 0.0, 0.0)
    assert found["relaxed_mae"] == found["original_mae"] == pytest.approx(1.0)


def test_without_any_prediction_there_is_no_error():
    found = measure(ENERGIES, np.full(4, np.nan), AFTER, DEVIATIONS, RELAXATION)
    assert found.pop("molecules") == 0
    assert list(found) == [column.name for column in COLUMNS if column.name != "molecules"]
    assert set(found.values()) == {None}


def test_it_needs_more_than_out_of_fold_predictions(qm9small):
    """So that it is not among the tables of every run, and says where it is."""
    found = measured(load("geometry"), qm9small, [])
    assert found.lines == []
    assert found.why_not.endswith("ask for results/qm9small/beyond/geometry.parquet by name.")
    assert "geometry" not in TRACKS
    assert found.track is TRACK
