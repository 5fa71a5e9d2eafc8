"""Entries of a leaderboard made in a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.datasets.dataset import Dataset
from qm7bench.leaderboard import summary as summary_module
from qm7bench.leaderboard.entries import FinishedEntry, Selection
from qm7bench.leaderboard.reference_values import ReferenceValue, Source

STUDY = Source("a study", "A. Author", "A Title", 2024, "a journal", doi="10.1/2")
COST = {"cpu_seconds": 7.0, "peak_memory_mb": 300.0}


@pytest.fixture
def dataset():
    """Forty molecules in two folds, their ids in no order."""
    n = 40
    ids = np.random.default_rng(1).permutation(np.arange(100, 100 + n))
    charges, positions = np.ones((n, 1), dtype=int), np.zeros((n, 1, 3))
    return Dataset("mine", ids, charges, positions, -10.0 * np.arange(n), np.arange(n) % 2)


@pytest.fixture
def entry(dataset):
    """Make an entry with errors of the given size on the given folds."""

    def make(model, size, grid=None, folds=(0, 1), edges=(), noise=None):
        test = np.concatenate([np.flatnonzero(dataset.folds == fold) for fold in folds])
        if noise is None:
            noise = (-1.0) ** np.arange(len(test)) * (1 + np.arange(len(test)) / 100)
        metrics = [
            {
                "fold": fold,
                "grid": grid or {},
                "budget": "",
                "mae": size + fold,
                "rmse": 2 * size + fold,
                "largest_error": 3 * size + fold,
                "cpu_seconds": 1.5,
                "peak_memory_mb": 100.0 + fold,
                "number_of_parameters": 24,
            }
            for fold in folds
        ]
        predictions = {
            "id": dataset.ids[test],
            "fold": dataset.folds[test],
            "prediction": dataset.energies[test] + size * noise,
        }
        chosen = Selection(list(folds), {"mae": size - 0.5}, list(edges), COST)
        return FinishedEntry(
            feature="eigenspectrum",
            model=model,
            metrics=metrics,
            predictions=predictions,
            made_by={fold: {"module": "ridge"} for fold in folds},
            newest=folds[0],
            selections=[chosen] if grid else [],
        )

    return make


@pytest.fixture
def pretrained(entry):
    """An entry that learned from another data set too."""
    made = entry("pretrained", 1.0)
    facts = {"dataset": "qm9large", "cpu_seconds": 1000.0, "peak_memory_mb": 900.0}
    return replace(made, metrics=[{**m, "pretraining": facts} for m in made.metrics])


@pytest.fixture
def study():
    """Where the figures of tests were published."""
    return STUDY


@pytest.fixture
def published(monkeypatch):
    """Figures for the best entry: one that is replicated, and one that is not."""
    figures = {
        ("eigenspectrum", "good", "document"): ReferenceValue(2.5, None, "nested", STUDY),
        ("eigenspectrum", "good", "literature"): ReferenceValue(
            None, 40.0, "nested", STUDY, note="a table"
        ),
    }
    monkeypatch.setattr(summary_module, "reference_values", lambda dataset: figures)
