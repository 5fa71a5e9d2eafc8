"""A results folder with entries of invented predictions on molecules that have many isomers."""

from __future__ import annotations

import pytest
from report_example import write_results

ENTRIES = {
    ("atom_counts", "mean_predictor"): 50.0,
    ("eigenspectrum", "kernel_ridge_gaussian"): 9.0,
    ("sorted_coulomb_matrix", "ridge_standardized"): 21.0,
}


@pytest.fixture(scope="session")
def molecules(qm9small):
    """Every fourth molecule of the embedded data set."""
    return qm9small[::4]


@pytest.fixture(scope="session")
def results(molecules, tmp_path_factory):
    """Results of a run, as `results/{dataset}`."""
    folder = tmp_path_factory.mktemp("results") / "qm9small"
    write_results(folder, molecules, ENTRIES)
    return folder
