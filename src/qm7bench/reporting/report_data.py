"""What the report is made from: every finished row with its errors, choices and epochs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefact import read_json
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError
from qm7bench.reporting.learning_curves import read_curves
from qm7bench.reporting.summary import RowResult, errors, finished_folds, read_row, summarize
from qm7bench.tables import read_records, read_table

Floats = NDArray[np.float64]
MOST_FEATURED = 6


@dataclass(frozen=True)
class ReportRow:
    """One row of the leaderboard.

    Attributes
    ----------
    rank : int
        Place in the leaderboard, from 1.
    result : RowResult
    record : dict
        Its line of the leaderboard.
    errors : float64 array of shape (n,)
        Prediction less energy of each molecule of the data set, in kcal/mol; NaN where the
        molecule's fold was not run.
    selection : list of dict
        Inner and test error of every grid point for every test fold; empty without a grid.
    histories : dict of dict of arrays
        By fold, the columns of `history.parquet`; empty without epochs.
    made_by : dict
        The first fold's `model.json`: module, parameters, versions.
    """

    rank: int
    result: RowResult
    record: dict[str, Any]
    errors: Floats
    selection: list[dict[str, Any]]
    histories: dict[int, dict[str, NDArray[Any]]]
    made_by: dict[str, Any]

    @property
    def label(self) -> str:
        """Model and feature in words."""
        return f"{self.model} · {self.feature}"

    @property
    def model(self) -> str:
        """Model in words."""
        return self.result.model.replace("_", " ")

    @property
    def feature(self) -> str:
        """Feature in words."""
        return self.result.feature.replace("_", " ")


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
    """

    dataset: Dataset
    metadata: dict[str, Any]
    rows: list[ReportRow]
    unfinished: list[str]
    curves: list[dict[str, Any]] = field(default_factory=list)

    @property
    def featured(self) -> list[ReportRow]:
        """Best row of each kind of model, at most six, for figures that cannot show them all."""
        best: dict[str, ReportRow] = {}
        for row in self.rows:
            best.setdefault(row.made_by["module"], row)
        return list(best.values())[:MOST_FEATURED]

    def row(self, feature: str, model: str) -> ReportRow | None:
        """Row of that name, if it was run; its quick budget where only that was run."""
        for name in (model, f"{model}-quick"):
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
    complete = [f for f in folders if rows or set(folds) <= set(finished_folds(f))]
    if not complete:
        raise ArtefactError(f"{models}: no row has all folds; run the workflow first")
    results = [read_row(folder, folds) for folder in complete]
    by_name = {(r.feature, r.model): r for r in results}
    return ReportData(
        dataset=dataset,
        metadata=read_json(dataset_metadata),
        rows=[
            _report_row(dataset, models, by_name[record["feature"], record["model"]], record, rank)
            for rank, record in enumerate(summarize(dataset, results), start=1)
        ],
        unfinished=[f"{f.parent.name}/{f.name}" for f in folders if f not in complete],
        curves=read_curves(curves) if curves else [],
    )


def _report_row(
    dataset: Dataset, models: Path, result: RowResult, record: dict[str, Any], rank: int
) -> ReportRow:
    folder = models / result.feature / result.model
    folds = [m["fold"] for m in result.metrics]
    histories = {}
    for fold in folds:
        path = folder / f"fold{fold}" / "history.parquet"
        if path.is_file():
            histories[fold] = read_table(path)
    selection = []
    if result.metrics[0]["grid"]:
        selection = [r for r in read_records(folder / "selection.parquet") if r["fold"] in folds]
    return ReportRow(
        rank=rank,
        result=result,
        record=record,
        errors=_of_every_molecule(dataset, result),
        selection=selection,
        histories=histories,
        made_by=read_json(folder / f"fold{folds[0]}" / "model.json"),
    )


def _of_every_molecule(dataset: Dataset, result: RowResult) -> Floats:
    place = {int(number): i for i, number in enumerate(dataset.ids)}
    found = np.full(len(dataset), np.nan)
    found[[place[int(number)] for number in result.predictions["id"]]] = errors(dataset, result)
    return found
