"""Entries whose predictions are tested: those that a run has finished, or the published ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qm7bench.beyond.track import Floats
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.entries import FinishedEntry, read_entry
from qm7bench.leaderboard.published_predictions import read_published_predictions


@dataclass(frozen=True)
class PredictedEntry:
    """Out-of-fold predictions of an entry of the leaderboard.

    Attributes
    ----------
    feature, model : str
    extra_data : str
        What it also uses besides its training molecules; empty in the main track.
    folds : str
        Test folds, separated by blanks.
    mae : float
        Mean over these folds of their mean absolute errors in kcal/mol, as in the leaderboard; NaN
        where it predicts nothing.
    ids : int64 array of shape (m,)
    predictions : float64 array of shape (m,)
        In kcal/mol; NaN for molecules without a prediction.
    """

    feature: str
    model: str
    extra_data: str
    folds: str
    mae: float
    ids: NDArray[np.int64]
    predictions: Floats

    def of_every_molecule(self, dataset: Dataset) -> Floats:
        """Predictions in the order of the data set (n,), NaN where there is none.

        Raises
        ------
        ArtefactError
            If it predicts a molecule that the data set does not have.
        """
        strangers = self.ids[~np.isin(self.ids, dataset.ids)]
        if len(strangers):
            raise ArtefactError(
                f"{self.feature} {self.model}: predicts molecule {strangers[0]}, which the data "
                f"set {dataset.name} does not have; give the data set that it was fitted to"
            )
        found = np.full(len(dataset), np.nan)
        order = np.argsort(dataset.ids)
        found[order[np.searchsorted(dataset.ids, self.ids, sorter=order)]] = self.predictions
        return found


def finished_entry(fits: FinishedEntry) -> PredictedEntry:
    """Entry of a run, of which all files are read."""
    by_fold = np.array([metrics["mae"] for metrics in fits.metrics], dtype=np.float64)
    return PredictedEntry(
        feature=fits.feature,
        model=fits.model,
        extra_data=fits.extra_data,
        folds=" ".join(map(str, fits.folds)),
        # A fold of which no molecule could be predicted has no error.
        mae=float(by_fold[np.isfinite(by_fold)].mean()) if np.isfinite(by_fold).any() else np.nan,
        ids=fits.predictions["id"],
        predictions=fits.predictions["prediction"],
    )


def finished_entries(models: Path, names: Sequence[str], folds: list[int]) -> list[PredictedEntry]:
    """Read entries of a run from the folder of all fits.

    Parameters
    ----------
    names : sequence of str
        FEATURE/MODEL of each.
    folds : list of int
        Test folds that each must have.
    """
    return [finished_entry(read_entry(models / name, folds)) for name in names]


def published_entries(folder: Path) -> list[PredictedEntry]:
    """Read the published entries of `results/published/{dataset}`."""
    return [
        PredictedEntry(e.feature, e.model, e.track, e.test_folds, e.mae, e.ids, e.predictions)
        for e in read_published_predictions(folder)
    ]
