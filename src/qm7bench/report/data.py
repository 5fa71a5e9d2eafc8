"""What the report is made from: the leaderboard, and each entry's errors, choices and epochs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qm7bench.artefacts.results_tree import plain_name, quick_name
from qm7bench.beyond.table import BeyondTable
from qm7bench.datasets.dataset import Dataset
from qm7bench.evaluation.conformal import cross_fold_intervals
from qm7bench.leaderboard.cells import Record
from qm7bench.leaderboard.entries import FinishedEntry
from qm7bench.leaderboard.external import ExternalEntry
from qm7bench.leaderboard.names import in_words

Floats = NDArray[np.float64]
Histories = dict[int, dict[str, NDArray[Any]]]
MOST_FEATURED = 6


@dataclass(frozen=True)
class ReportEntry:
    """One entry of the leaderboard.

    Attributes
    ----------
    number : str
        Rank in its track, from 1, after the mark of a separate track.
    fits : FinishedEntry
    record : dict
        Its line of the leaderboard.
    errors : float64 array of shape (n,)
        Prediction - reference energy of each molecule of the data set, in kcal/mol; NaN where the
        molecule's fold was not run, or the model gave no prediction.
    uncertainties : float64 array of shape (n,) or None
        The model's own, in kcal/mol, where it gives one; NaN as above.
    histories : dict of dict of arrays
        By fold, the columns of `history.parquet`; empty without epochs, and of published entries.
    """

    number: str
    fits: FinishedEntry
    record: Record
    errors: Floats
    uncertainties: Floats | None
    histories: Histories

    @property
    def label(self) -> str:
        """Model and feature in words."""
        return f"{self.model} · {self.feature}"

    @property
    def model(self) -> str:
        """Model in words."""
        return in_words(self.fits.model)

    @property
    def feature(self) -> str:
        """Feature in words."""
        return in_words(self.fits.feature)

    @property
    def track(self) -> str:
        """Whose energies it also uses, in words; empty in the main track."""
        return in_words(self.record["extra_data"])

    @property
    def folds(self) -> list[int]:
        """Test folds that were run."""
        return self.fits.folds

    @property
    def known(self) -> Floats:
        """Errors of the molecules that it predicted."""
        return self.errors[np.isfinite(self.errors)]

    def without_prediction(self, dataset: Dataset) -> NDArray[np.int64]:
        """Indices of the molecules of its test folds that it gave no prediction."""
        tested = np.isin(dataset.folds, self.folds)
        return np.flatnonzero(tested & ~np.isfinite(self.errors))

    def half_widths(self, folds: NDArray[np.int64], level: float) -> Floats:
        """Half-width of each molecule's interval, shape (n,); NaN where there is none.

        There is none with a single test fold, and where the other folds have too few molecules for
        the level.

        Parameters
        ----------
        folds : int array of shape (n,)
            The data set's.
        level : float
            Nominal coverage.
        """
        found = np.full(len(folds), np.nan)
        known = np.isfinite(self.errors)
        if len(self.folds) > 1:
            scale = None if self.uncertainties is None else self.uncertainties[known]
            found[known] = cross_fold_intervals(self.errors[known], folds[known], scale, level)
        return np.where(np.isfinite(found), found, np.nan)

    @property
    def optimism(self) -> float | None:
        """By how much the nested error exceeds the best on test, in per cent.

        None without a grid, and where the best on test is zero.
        """
        best = self.record["mae_best_on_test"]
        return 100 * (self.record["mae"] / best - 1) if best else None


@dataclass(frozen=True)
class ReportData:
    """A data set and its leaderboard.

    Attributes
    ----------
    dataset : Dataset
    metadata : dict
        The data set's `metadata.json`.
    leaderboard : DataFrame
        As `read_leaderboard` gives it, without the entries that predict no molecule.
    entries : list of ReportEntry
        In the order of the leaderboard: best first, separate tracks last.
    left_out : list of str
        FEATURE/MODEL of entries that lack a fold, or predict no molecule.
    curves : list of dict
        Records of the learning curves.
    external : list of ExternalEntry
        Published entries that others trained, the best first.
    beyond : list of BeyondTable
        Tests beyond the random fold; those that do not apply to the data set have no lines.
    """

    dataset: Dataset
    metadata: dict[str, Any]
    leaderboard: pd.DataFrame
    entries: list[ReportEntry]
    left_out: list[str] = field(default_factory=list)
    curves: list[Record] = field(default_factory=list)
    external: list[ExternalEntry] = field(default_factory=list)
    beyond: list[BeyondTable] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of the data set in words, without what says that it is a quick sample."""
        return in_words(plain_name(self.dataset.name))

    @property
    def folds(self) -> list[int]:
        """Test folds of any entry, ascending."""
        return sorted({fold for entry in self.entries for fold in entry.folds})

    @property
    def complete(self) -> list[ReportEntry]:
        """Entries with as many folds as any has, for what compares molecules."""
        most = max(len(entry.folds) for entry in self.entries)
        return [entry for entry in self.entries if len(entry.folds) == most]

    @property
    def best(self) -> ReportEntry:
        """Best entry of the main track among those with most folds."""
        main = [entry for entry in self.complete if not entry.track]
        return (main or self.complete)[0]

    @property
    def featured(self) -> list[ReportEntry]:
        """Best entry of each kind of model, at most six, for figures that cannot show them all."""
        best: dict[str, ReportEntry] = {}
        for entry in self.entries:
            best.setdefault(entry.fits.module, entry)
        return list(best.values())[:MOST_FEATURED]

    def absolute_errors(self, entries: list[ReportEntry]) -> pd.DataFrame:
        """Absolute error of each molecule (row) by each entry (column, its number)."""
        return pd.DataFrame({entry.number: np.abs(entry.errors) for entry in entries})

    def entry(self, feature: str, model: str) -> ReportEntry | None:
        """Entry of that name, if it was run; its quick budget where only that was run."""
        for name in (model, quick_name(model)):
            for entry in self.entries:
                if (entry.fits.feature, entry.fits.model) == (feature, name):
                    return entry
        return None
