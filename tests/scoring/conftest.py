"""Predictions of a good model that was trained elsewhere: energies with a little noise."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.leaderboard.published_predictions import PredictedEntry
from qm7bench.scoring.predictions_file import PredictionsFile


@pytest.fixture(scope="session")
def molecules(qm9small):
    """785 molecules of all sizes: functional groups of all would take seconds."""
    return qm9small[::5]


@pytest.fixture(scope="session")
def predictions(molecules):
    """Energies of all molecules, each off by about 2 kcal/mol."""
    return molecules.energies + np.random.default_rng(1).laplace(0.0, 2.0, len(molecules))


@pytest.fixture
def file_of(molecules, predictions):
    """What a file says; ids, predictions and folds may be others."""

    def make(own=predictions, ids=molecules.ids, folds=None):
        return PredictionsFile("mine.csv", np.asarray(ids), np.asarray(own), folds)

    return make


@pytest.fixture
def published_entry(molecules):
    """A published entry whose errors have about the given size."""

    def make(model, size, track="", folds=(0, 1, 2, 3, 4), seed=2):
        own = np.isin(molecules.folds, folds)
        noise = np.random.default_rng(seed).laplace(0.0, size, len(molecules))
        return PredictedEntry(
            "feature",
            model,
            track,
            " ".join(map(str, folds)),
            float(np.abs(noise[own]).mean()),
            molecules.ids[own],
            molecules.folds[own],
            (molecules.energies + noise)[own],
        )

    return make
