"""What the report is made from: every finished row with its errors, choices and epochs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import EntryFiles, PublishedFiles, quick_name
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError
from qm7bench.evaluation.conformal import cross_fold_intervals
from qm7bench.leaderboard.columns import records_of
from qm7bench.leaderboard.entries import FinishedEntry, read_entry
from qm7bench.leaderboard.learning_curves import from_csv, read_curves
from qm7bench.leaderboard.publishing import read_published_entries
from qm7bench.leaderboard.summary import summarize
from qm7bench.report.names import in_words

Floats = NDArray[np.float64]
Histories = dict[int, dict[str, NDArray[Any]]]
MOST_FEATURED = 6


@dataclass(frozen=True)
class ReportRow:
    """One row of the leaderboard.

    Attributes
    ----------
    rank : int
        Place in the leaderboard, from 1.
    result : FinishedEntry
    record : dict
        Its line of the leaderboard.
    errors : float64 array of shape (n,)
        Prediction less energy of each molecule of the data set, in kcal/mol; NaN where the
        molecule's fold was not run.
    uncertainties : float64 array of shape (n,) or None
        The model's own, in kcal/mol, where it gives one; NaN as above.
    histories : dict of dict of arrays
        By fold, the columns of `history.parquet`; empty without epochs, and of published rows.
    made_by : dict
        The first fold's `model.json`: module, parameters, versions.
    """

    rank: int
    result: FinishedEntry
    record: dict[str, Any]
    errors: Floats
    uncertainties: Floats | None
    histories: Histories
    made_by: dict[str, Any]

    @property
    def label(self) -> str:
        """Model and feature in words."""
        return f"{self.model} · {self.feature}"

    @property
    def model(self) -> str:
        """Model in words."""
        return in_words(self.result.model)

    @property
    def feature(self) -> str:
        """Feature in words."""
        return in_words(self.result.feature)

    @property
    def folds(self) -> list[int]:
        """Test folds that were run."""
        return [int(m["fold"]) for m in self.result.metrics]

    def half_widths(self, folds: NDArray[np.int64], level: float) -> Floats:
        """Half-width of each molecule's interval, shape (n,); NaN where there is none.

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
        return found

    @property
    def grid(self) -> dict[str, list[Any]]:
        """Values that parameters were chosen from; empty where nothing was chosen."""
        grid: dict[str, list[Any]] = self.result.metrics[0]["grid"]
        return grid


@dataclass(frozen=True)
class ReportData:
    """A data set and its rows, best first.

    Attributes
    ----------
    dataset : Dataset
    metadata : dict
        The data set's `metadata.json`.
    rows : list of ReportRow
    unfinished : list of str
        FEATURE/MODEL of rows that were begun but lack a fold.
    curves : list of dict
        Records of the learning curves.
    published : bool
        Whether the rows are published ones, made elsewhere.
    """

    dataset: Dataset
    metadata: dict[str, Any]
    rows: list[ReportRow]
    unfinished: list[str]
    curves: list[dict[str, Any]] = field(default_factory=list)
    published: bool = False

    @property
    def folds(self) -> list[int]:
        """Test folds of any row, in rising order."""
        return sorted({fold for row in self.rows for fold in row.folds})

    @property
    def complete(self) -> list[ReportRow]:
        """Rows with the largest number of folds that any row has, for what compares molecules."""
        most = max(len(row.folds) for row in self.rows)
        return [row for row in self.rows if len(row.folds) == most]

    @property
    def featured(self) -> list[ReportRow]:
        """Best row of each kind of model, at most six, for figures that cannot show them all."""
        best: dict[str, ReportRow] = {}
        for row in self.rows:
            best.setdefault(row.made_by["module"], row)
        return list(best.values())[:MOST_FEATURED]

    def row(self, feature: str, model: str) -> ReportRow | None:
        """Row of that name, if it was run; its quick budget where only that was run."""
        for name in (model, quick_name(model)):
            for row in self.rows:
                if (row.result.feature, row.result.model) == (feature, name):
                    return row
        return None


def read_report_data(
    dataset_metadata: Path,
    models: Path,
    rows: list[str] | None,
    folds: list[int],
    curves: Path | None = None,
) -> ReportData:
    """Read the rows, checking every checksum.

    Parameters
    ----------
    dataset_metadata : Path
        The data set's `metadata.json`.
    models : Path
        Folder of all fits, `{feature}/{model}/fold{k}`.
    rows : list of str, optional
        FEATURE/MODEL of each row; by default all that have every fold.
    folds : list of int
    curves : Path, optional
        Table of the learning curves, Parquet.

    Raises
    ------
    ArtefactError
        If a named row is not finished, a file is damaged, or there is no finished row at all.
    """
    dataset = read_dataset(dataset_metadata)
    folders = [models / row for row in rows] if rows else sorted(p for p in models.glob("*/*"))
    complete = [f for f in folders if rows or set(folds) <= set(EntryFiles(f).finished_folds())]
    if not complete:
        raise ArtefactError(f"{models}: no row has all folds; run the workflow first")
    results = [read_entry(folder, folds) for folder in complete]
    histories = [_histories(folder, folds) for folder in complete]
    unfinished = [f"{f.parent.name}/{f.name}" for f in folders if f not in complete]
    ranked = _ranked(dataset, results, histories)
    own_curves = read_curves(curves) if curves else []
    return ReportData(dataset, read_json(dataset_metadata), ranked, unfinished, own_curves)


def read_published_report_data(dataset_metadata: Path, published: Path) -> ReportData:
    """Read all published rows, each with the folds that were published.

    Parameters
    ----------
    dataset_metadata : Path
        The data set's `metadata.json`.
    published : Path
        Folder `results/published/{dataset}`.

    Raises
    ------
    ArtefactError
        If there is no published row, or one predicts molecules that the data set does not have.
    """
    dataset = read_dataset(dataset_metadata)
    results = read_published_entries(published)
    rows = _ranked(dataset, results, [{} for _ in results])
    table = PublishedFiles(published).learning_curves
    curves = from_csv(table.read_text(encoding="utf-8")) if table.is_file() else []
    return ReportData(
        dataset, read_json(dataset_metadata), rows, unfinished=[], curves=curves, published=True
    )


def _ranked(
    dataset: Dataset, results: list[FinishedEntry], histories: list[Histories]
) -> list[ReportRow]:
    """Rows in the order of the leaderboard, with their histories."""
    names = [(result.feature, result.model) for result in results]
    by_name = dict(zip(names, zip(results, histories, strict=True), strict=True))
    rows = []
    for rank, record in enumerate(records_of(summarize(dataset, results)), start=1):
        result, own_histories = by_name[record["feature"], record["model"]]
        own = _of_every_molecule(dataset, result, result.errors(dataset))
        given = result.predictions.get("uncertainty")
        uncertainties = None if given is None else _of_every_molecule(dataset, result, given)
        made_by = result.made_by[result.folds[0]]
        rows.append(ReportRow(rank, result, record, own, uncertainties, own_histories, made_by))
    return rows


def _histories(folder: Path, folds: list[int]) -> Histories:
    paths = {fold: EntryFiles(folder).fit(fold).history for fold in folds}
    return {fold: read_table(path) for fold, path in paths.items() if path.is_file()}


def _of_every_molecule(dataset: Dataset, result: FinishedEntry, values: NDArray[Any]) -> Floats:
    """Values of the row's predictions at their molecules, shape (n,); NaN elsewhere."""
    place = {int(number): i for i, number in enumerate(dataset.ids)}
    found = np.full(len(dataset), np.nan)
    found[[place[int(number)] for number in result.predictions["id"]]] = values
    return found
