"""Entries whose predictions are tested: those that a run has finished, or the published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from qm7bench.beyond.track import Floats
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.ids import places_of
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.entries import FinishedEntry, read_entry
from qm7bench.leaderboard.published_predictions import PredictedEntry


def predictions_for(dataset: Dataset, entry: PredictedEntry) -> Floats:
    """Predictions in the order of the data set (n,), NaN where there is none.

    Raises
    ------
    ArtefactError
        If it predicts a molecule that the data set does not have.
    """
    places, known = places_of(entry.ids, dataset)
    if not known.all():
        raise ArtefactError(
            f"{entry.name}: predicts molecule {entry.ids[~known][0]}, which the data set "
            f"{dataset.name} does not have; give the data set that it was fitted to"
        )
    found = np.full(len(dataset), np.nan)
    found[places] = entry.predictions
    return found


def finished_entry(fits: FinishedEntry) -> PredictedEntry:
    """Entry of a run, of which all files are read."""
    by_fold = np.array([metrics["mae"] for metrics in fits.metrics], dtype=np.float64)
    known = by_fold[np.isfinite(by_fold)]
    return PredictedEntry(
        feature=fits.feature,
        model=fits.model,
        track=fits.extra_data,
        test_folds=" ".join(map(str, fits.folds)),
        # A fold of which no molecule could be predicted has no error.
        mae=float(known.mean()) if len(known) else np.nan,
        ids=fits.predictions["id"],
        folds=fits.predictions["fold"],
        predictions=fits.predictions["prediction"],
    )


def finished_entries(folds: Mapping[Path, Sequence[int]]) -> list[PredictedEntry]:
    """Read entries of a run, each from its folder and with these test folds."""
    return [finished_entry(read_entry(folder, own)) for folder, own in folds.items()]
