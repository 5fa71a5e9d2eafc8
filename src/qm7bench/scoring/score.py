"""The score of predictions from elsewhere: errors, place, paired tests, where they are better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import PredictionsError
from qm7bench.evaluation.metrics import measured
from qm7bench.leaderboard.published_predictions import PredictedEntry
from qm7bench.scoring.alignment import Aligned, aligned
from qm7bench.scoring.comparisons import Comparison, GroupComparison, compare, compare_groups
from qm7bench.scoring.predictions_file import PredictionsFile
from qm7bench.scoring.slips import Slip, slip_in
from qm7bench.scoring.warnings import warnings_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """Everything that is said of a file of predictions.

    Attributes
    ----------
    source : str
        The file.
    dataset : Dataset
    predictions : float64 array of shape (n,)
        In kcal/mol, in the order of the data set; NaN where there is none.
    folds : int64 array of shape (n,)
        Test folds: the file's if it names them, else the data set's.
    by_fold : list of dict
        Errors of each fold that has a prediction, as `evaluation.metrics.measured` gives them,
        and `fold`.
    slip : Slip or None
        What is wrong with the file; it is then scored as it is because the user wants so.
    warnings : list of str
        What a reader should know; sentences.
    comparisons : list of Comparison
        With every published entry that predicts a molecule in common, in the leaderboard's order.
    groups : list of GroupComparison
        By size, elements and functional groups, with the errors of `reference`.
    reference : Comparison or None
        The published entry that groups are compared with: the best of the main track, or the
        next one where that has the same predictions.
    """

    source: str
    dataset: Dataset
    predictions: Floats
    folds: NDArray[np.int64]
    by_fold: list[dict[str, Any]]
    slip: Slip | None
    warnings: list[str]
    comparisons: list[Comparison]
    groups: list[GroupComparison]
    reference: Comparison | None

    @property
    def errors(self) -> Floats:
        """Prediction - reference energy of each molecule (n,), NaN where there is none."""
        return self.predictions - self.dataset.energies

    @property
    def mae(self) -> float:
        """Mean over folds, in kcal/mol, as in the leaderboard."""
        return self._over_folds("mae")

    @property
    def rmse(self) -> float:
        """Mean over folds, in kcal/mol, as in the leaderboard."""
        return self._over_folds("rmse")

    @property
    def spreads(self) -> tuple[float, float]:
        """Population standard deviations of MAE and RMSE over folds."""
        mae, rmse = (np.std([line[name] for line in self.by_fold]) for name in ("mae", "rmse"))
        return float(mae), float(rmse)

    @property
    def max_error(self) -> float:
        """Largest absolute error."""
        return max(float(line["largest_error"]) for line in self.by_fold)

    @property
    def predicted(self) -> int:
        """Number of molecules that have a prediction."""
        return int(np.isfinite(self.predictions).sum())

    @property
    def has_predefined_folds(self) -> bool:
        """Whether its folds are the data set's."""
        return bool(np.array_equal(self.folds, self.dataset.folds))

    @property
    def main_track(self) -> list[Comparison]:
        """Comparisons with entries that learn from the training folds alone."""
        return [other for other in self.comparisons if not other.entry.track]

    @property
    def place(self) -> int | None:
        """Place among the main track's entries by MAE on the same molecules; None without any."""
        if not self.main_track:
            return None
        return 1 + sum(other.mae < self.mae for other in self.main_track)

    def _over_folds(self, name: str) -> float:
        return float(np.mean([line[name] for line in self.by_fold]))


def score(
    file: PredictionsFile,
    dataset: Dataset,
    published: Sequence[PredictedEntry],
    as_it_is: bool = False,
) -> Score:
    """Score a file of predictions.

    Parameters
    ----------
    published : sequence of PredictedEntry
        In the leaderboard's order; may be empty.
    as_it_is : bool
        Whether to score a file that has a slip.

    Raises
    ------
    PredictionsError
        If a slip is recognised, a molecule comes twice with different predictions, an id is not
        the data set's, or nothing is predicted.
    """
    found = aligned(file, dataset)
    slip = slip_in(file, found, dataset)
    if slip is not None and not as_it_is:
        raise PredictionsError(
            f"{file.source}: {slip.message} Nothing was scored; --as-it-is scores the file as it is"
        )
    _refuse_unknown(file, found, dataset)
    predictions, folds = found.predictions, found.folds
    errors = predictions - dataset.energies
    comparisons = compare(dataset, folds, errors, published)
    others = [c for c in comparisons if not c.entry.track and c.p_value != 1.0]
    complete = [c for c in others if c.molecules == max(o.molecules for o in others)]
    reference = complete[0] if complete else None
    by_fold = _by_fold(predictions, folds, dataset)
    return Score(
        source=file.source,
        dataset=dataset,
        predictions=predictions,
        folds=folds,
        by_fold=by_fold,
        slip=slip,
        warnings=warnings_of(found, dataset, by_fold, comparisons),
        comparisons=comparisons,
        groups=compare_groups(dataset, errors, reference.errors if reference else None),
        reference=reference,
    )


def _by_fold(
    predictions: Floats, folds: NDArray[np.int64], dataset: Dataset
) -> list[dict[str, Any]]:
    lines = []
    for fold in np.unique(folds).tolist():
        own = folds == fold
        if np.isfinite(predictions[own]).any():
            lines.append({"fold": fold, **measured(dataset.energies[own], predictions[own])})
    return lines


def _refuse_unknown(file: PredictionsFile, found: Aligned, dataset: Dataset) -> None:
    if not len(found.unknown) and np.isfinite(found.predictions).any():
        return
    if not len(found.unknown):
        raise PredictionsError(f"{file.source}: no molecule has a prediction; give numbers")
    number = len(found.unknown)
    raise PredictionsError(
        f"{file.source}: {number:,} {'ids are' if number > 1 else 'id is'} not of {dataset.name}, "
        f"such as {found.unknown[0]}; its {len(dataset):,} ids run from {dataset.ids.min()} to "
        f"{dataset.ids.max()}: see `qm7bench folds {dataset.name}`"
    )
