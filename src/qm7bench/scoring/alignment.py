"""Predictions in the order of the data set's molecules, each once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.ids import places_of
from qm7bench.errors import PredictionsError
from qm7bench.scoring.predictions_file import PredictionsFile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Aligned:
    """Predictions at the molecules of a data set.

    Attributes
    ----------
    predictions : float64 array of shape (n,)
        NaN where there is none.
    folds : int64 array of shape (n,)
        The file's where it has a prediction and names its fold, else the data set's.
    unknown : int64 array
        Ids that the data set does not have.
    repeated : int64 array
        Ids that come several times, with the same prediction.
    """

    predictions: Floats
    folds: NDArray[np.int64]
    unknown: NDArray[np.int64]
    repeated: NDArray[np.int64]


def aligned(file: PredictionsFile, dataset: Dataset) -> Aligned:
    """Put a file's predictions at their molecules.

    Raises
    ------
    PredictionsError
        If a molecule comes twice with different predictions or folds.
    """
    repeated = _repeated(file)
    places, known = places_of(file.ids, dataset)
    predictions = np.full(len(dataset), np.nan)
    predictions[places[known]] = file.predictions[known]
    folds = dataset.folds.copy()
    if file.folds is not None:
        folds[places[known]] = file.folds[known]
    return Aligned(predictions, folds, np.unique(file.ids[~known]), repeated)


def _repeated(file: PredictionsFile) -> NDArray[np.int64]:
    """Ids that come several times, after a check that they say the same."""
    unique, first, inverse, counts = np.unique(
        file.ids, return_index=True, return_inverse=True, return_counts=True
    )
    again = first[inverse]
    differs = ~np.isclose(file.predictions, file.predictions[again], rtol=0, equal_nan=True)
    if file.folds is not None:
        differs |= file.folds != file.folds[again]
    if differs.any():
        i = int(np.argmax(differs))
        values = f"{file.predictions[again[i]]:g} and {file.predictions[i]:g}"
        twice = np.unique(file.ids[differs])
        raise PredictionsError(
            f"{file.source}: {_molecules(len(twice))} several times with different predictions, "
            f"such as {file.ids[i]} ({values}); give each molecule once, predicted by a model that "
            "was not trained on it, or the mean of such models"
        )
    return np.asarray(unique[counts > 1])


def _molecules(number: int) -> str:
    return "1 molecule stands there" if number == 1 else f"{number:,} molecules stand there"
