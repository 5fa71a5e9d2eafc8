"""Errors beside those of every published entry on the same molecules, and group by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.ids import places_of
from qm7bench.evaluation.comparison import paired_difference, q_values
from qm7bench.evaluation.metrics import measured
from qm7bench.evaluation.molecule_groups import by_composition, by_function, by_size
from qm7bench.leaderboard.published_predictions import PredictedEntry

Floats = NDArray[np.float64]
SIGNIFICANT = 0.05
"""Differences with a q-value above this are not told apart from chance."""
KINDS = {"size": by_size, "elements": by_composition, "functional group": by_function}


@dataclass(frozen=True)
class Comparison:
    """A published entry beside the predictions that are scored.

    Attributes
    ----------
    entry : PredictedEntry
    errors : float64 array of shape (n,)
        Of the entry, in the order of the data set, NaN where it has no prediction.
    mae : float
        Of the entry on the molecules that both predict: mean over its folds, as in the leaderboard.
    difference : float
        Mean of the scored absolute errors less the entry's; negative where the scored are better.
    p_value, q_value : float
        Of the paired t-test, and corrected for the number of entries (Benjamini-Hochberg).
    molecules : int
        How many both predict.
    """

    entry: PredictedEntry
    errors: Floats
    mae: float
    difference: float
    p_value: float
    q_value: float
    molecules: int

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `as good`, of the scored predictions."""
        return verdict(self.difference, self.q_value)


@dataclass(frozen=True)
class GroupComparison:
    """Molecules of one kind.

    Attributes
    ----------
    kind, label : str
        A key of `KINDS`, and the group's name.
    molecules : int
        How many of the group have a scored prediction.
    mae : float
        Of the scored predictions.
    reference_mae, difference, q_value : float
        Of the published entry on the molecules that both predict, and the paired test as in
        `Comparison`, corrected for the number of groups; NaN without an entry.
    """

    kind: str
    label: str
    molecules: int
    mae: float
    reference_mae: float
    difference: float
    q_value: float

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `as good`, of the scored predictions."""
        return verdict(self.difference, self.q_value)


def verdict(difference: float, q_value: float) -> str:
    """Word for a difference; empty where nothing was compared."""
    if np.isnan(q_value):
        return ""
    if q_value > SIGNIFICANT:
        return "as good"
    return "better" if difference < 0 else "worse"


def compare(
    dataset: Dataset,
    folds: NDArray[np.int64],
    errors: Floats,
    published: Sequence[PredictedEntry],
) -> list[Comparison]:
    """Compare with every published entry that predicts at least two of the same molecules.

    Parameters
    ----------
    folds, errors : arrays of shape (n,)
        Of the scored predictions; errors in kcal/mol, NaN where there is none.

    Raises
    ------
    ArtefactError
        If a published entry has molecules that the data set does not.
    """
    found = []
    for entry in published:
        own = _errors(entry, dataset)
        both = np.isfinite(own) & np.isfinite(errors)
        if both.sum() < 2:
            continue
        test = paired_difference(dataset.ids[both], errors[both], dataset.ids[both], own[both])
        mae = _mean_over_folds(own, both, dataset, folds)
        found.append(
            Comparison(entry, own, mae, test.difference, test.p_value, np.nan, test.molecules)
        )
    corrected = q_values(np.array([each.p_value for each in found]))
    return [replace(each, q_value=float(q)) for each, q in zip(found, corrected, strict=True)]


def _errors(entry: PredictedEntry, dataset: Dataset) -> Floats:
    places, known = places_of(entry.ids, dataset)
    found = np.full(len(dataset), np.nan)
    found[places[known]] = entry.predictions[known] - dataset.energies[places[known]]
    return found


def _mean_over_folds(
    own: Floats, both: NDArray[np.bool_], dataset: Dataset, folds: NDArray[np.int64]
) -> float:
    predictions = np.where(both, dataset.energies + own, np.nan)
    parts = [folds == fold for fold in np.unique(folds[both])]
    return float(np.mean([measured(dataset.energies[p], predictions[p])["mae"] for p in parts]))


def compare_groups(
    dataset: Dataset, errors: Floats, reference: Floats | None
) -> list[GroupComparison]:
    """Errors of each group of molecules, beside those of a published entry if one is given."""
    others = np.full(len(errors), np.nan) if reference is None else reference
    found, p_values = [], []
    for kind, groups_of in KINDS.items():
        for group in groups_of(dataset):
            own = group.members[np.isfinite(errors[group.members])]
            if not len(own):
                continue
            ids, theirs = dataset.ids[own], others[own]
            test = paired_difference(ids, errors[own], ids, theirs)
            known = theirs[np.isfinite(theirs)]
            beside = float(np.mean(np.abs(known))) if len(known) else np.nan
            mae = float(np.mean(np.abs(errors[own])))
            found.append(
                GroupComparison(kind, group.label, len(own), mae, beside, test.difference, np.nan)
            )
            p_values.append(test.p_value)
    corrected = q_values(np.array(p_values))
    return [replace(each, q_value=float(q)) for each, q in zip(found, corrected, strict=True)]
