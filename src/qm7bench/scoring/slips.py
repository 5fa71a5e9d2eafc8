"""The usual slips in a file of predictions: told by another reading of it that fits far better.

A slip is named only where the reading at least halves the error and comes nearer than the mean
energy would. Models that are merely poor stay as they are: no published entry has a slip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.units import ENERGY_UNITS
from qm7bench.datasets.dataset import Dataset
from qm7bench.scoring.alignment import Aligned, aligned
from qm7bench.scoring.free_atoms import offset_slip
from qm7bench.scoring.predictions_file import PredictionsFile

Floats = NDArray[np.float64]
FEWEST = 30
"""Predictions that are needed to tell a slip."""
UNCORRELATED, SAME_DISTRIBUTION = 0.5, 0.2
"""Shuffled predictions have a correlation below the first, and once sorted an error below the
second, in mean absolute deviations of the energies."""


@dataclass(frozen=True)
class Slip:
    """What is wrong with a file.

    Attributes
    ----------
    name : str
        "eV", "sign", "shuffled" and so on.
    message : str
        What was found, and what to do.
    """

    name: str
    message: str


@dataclass(frozen=True)
class _Reading:
    """Another reading of a file: its predictions (n,), in kcal/mol at the data set's molecules."""

    name: str
    predictions: Floats
    what: str
    cure: str


def slip_in(file: PredictionsFile, found: Aligned, dataset: Dataset) -> Slip | None:
    """Return the slip that explains the errors of a file best, None where there is none."""
    known = np.isfinite(found.predictions)
    if len(file) < FEWEST or np.isfinite(file.predictions).sum() < FEWEST:
        return None
    constant = _spread(dataset.energies)
    as_it_is = _error(found.predictions, dataset)
    readings = list(_readings(file, found, dataset))
    errors = [_error(reading.predictions, dataset) for reading in readings]
    best = int(np.argmin(errors))
    if errors[best] < min(as_it_is / 2, constant):
        return _explained(readings[best], errors[best], as_it_is)
    if known.sum() < FEWEST:
        return None
    energies, predictions = dataset.energies[known], found.predictions[known]
    offset = offset_slip(dataset.charges[known], energies, predictions)
    if offset is not None:
        return Slip(*offset)
    if _are_shuffled(predictions, energies):
        return Slip("shuffled", _SHUFFLED.format(which="the ids are"))
    return _shuffled_folds(found, dataset)


def _explained(reading: _Reading, error: float, as_it_is: float) -> Slip:
    return Slip(
        reading.name,
        f"{reading.what}: read so, their MAE is {error:.4g} kcal/mol, and {as_it_is:.4g} as they "
        f"are. {reading.cure}",
    )


def _error(predictions: Floats, dataset: Dataset) -> float:
    """MAE of what is predicted; infinite for too few molecules."""
    known = np.isfinite(predictions)
    if known.sum() < FEWEST:
        return float("inf")
    return float(np.mean(np.abs(predictions[known] - dataset.energies[known])))


def _spread(energies: Floats) -> float:
    """Mean absolute deviation from the mean: the error of predicting it for every molecule."""
    return float(np.mean(np.abs(energies - energies.mean())))


def _readings(file: PredictionsFile, found: Aligned, dataset: Dataset) -> Iterator[_Reading]:
    yield from _other_units(found)
    yield from _shifted_ids(file, dataset)
    yield from _in_order(file, dataset)


def _other_units(found: Aligned) -> Iterator[_Reading]:
    for unit, factor in ENERGY_UNITS.items():
        for sign in (1.0, -1.0):
            if (factor, sign) == (1.0, 1.0):
                continue
            words, cures = [], []
            if factor != 1.0:
                words.append(f"are in {unit}")
                cures.append(f"multiply them by {factor:.7g}")
            if sign < 0:
                words.append("have the other sign (atomization energies are negative here)")
                cures.append("change the sign")
            yield _Reading(
                " and ".join([*([unit] if factor != 1.0 else []), *(["sign"] if sign < 0 else [])]),
                sign * factor * found.predictions,
                f"the predictions {' and '.join(words)}",
                f"{' and '.join(cures).capitalize()}.",
            )


def _shifted_ids(file: PredictionsFile, dataset: Dataset) -> Iterator[_Reading]:
    for shift, cure in ((-1, "Subtract 1 from each id"), (1, "Add 1 to each id")):
        moved = PredictionsFile(file.source, file.ids + shift, file.predictions, None)
        yield _Reading(
            "ids off by one",
            aligned(moved, dataset).predictions,
            f"the ids are off by one (the data set's run from {dataset.ids.min()} to "
            f"{dataset.ids.max()}, the file's from {file.ids.min()} to {file.ids.max()})",
            f"{cure}.",
        )


def _in_order(file: PredictionsFile, dataset: Dataset) -> Iterator[_Reading]:
    """Predictions in the order of the lines, as of a file whose ids were made afterwards."""
    if len(file) != len(dataset):
        return
    fold_by_fold = np.argsort(dataset.folds, kind="stable")
    for order, words in (
        (np.arange(len(dataset)), "in the order of the data set"),
        (fold_by_fold, "fold by fold"),
    ):
        predictions = np.empty(len(dataset))
        predictions[order] = file.predictions
        yield _Reading(
            "shuffled",
            predictions,
            f"the ids are shuffled: the lines stand {words}, and the ids beside them are others",
            "Write each molecule's own id beside its prediction; `qm7bench folds` has the ids.",
        )


_SHUFFLED = (
    "{which} shuffled: the predictions are distributed as the energies are, but do not belong to "
    "the molecules that they stand beside. Write each molecule's own id beside its prediction; "
    "`qm7bench folds` has the ids."
)


def _shuffled_folds(found: Aligned, dataset: Dataset) -> Slip | None:
    """Folds whose predictions are shuffled, where others are not."""
    folds = []
    for fold in np.unique(found.folds).tolist():
        own = (found.folds == fold) & np.isfinite(found.predictions)
        if own.sum() >= FEWEST and _are_shuffled(found.predictions[own], dataset.energies[own]):
            folds.append(str(fold))
    if not folds:
        return None
    which = f"the ids of fold{'s' * (len(folds) > 1)} {' '.join(folds)} are"
    return Slip("shuffled", _SHUFFLED.format(which=which))


def _are_shuffled(predictions: Floats, energies: Floats) -> bool:
    """Whether predictions fit the energies only where both are sorted."""
    spread = _spread(energies)
    if np.ptp(predictions) == 0 or spread == 0:
        return False
    correlation = float(np.corrcoef(predictions, energies)[0, 1])
    once_sorted = float(np.mean(np.abs(np.sort(predictions) - np.sort(energies))))
    return correlation < UNCORRELATED and once_sorted < SAME_DISTRIBUTION * spread
