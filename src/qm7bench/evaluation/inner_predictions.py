"""Predictions for molecules that neither the model nor the choice for the test fold's model saw.

For test fold k, the inner prediction of a molecule of another fold j comes from a fit without folds
k and j. Models with a grid have made these fits when they chose (`selection`); others are fitted
once for each pair of folds, which serves both.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import check_unchanged, read_json
from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import EntryFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.evaluation.selection import Folds, chosen_record

Table = dict[str, NDArray[Any]]


def inner_table(
    fold: int, inner_fold: int, ids: NDArray[np.int64], predictions: NDArray[np.float64]
) -> Table:
    """Inner predictions for the molecules of one inner fold: fold, inner_fold, id, prediction."""
    return {
        "fold": np.full(len(ids), fold),
        "inner_fold": np.full(len(ids), inner_fold),
        "id": ids,
        "prediction": predictions,
    }


def joined(tables: Sequence[Table]) -> Table:
    """Tables with the same columns, one below the other."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def chosen_inner_predictions(
    records: list[dict[str, Any]],
    predictions: dict[Folds, NDArray[np.float64]],
    ids: NDArray[np.int64],
    folds: NDArray[np.int64],
) -> Table:
    """Predictions of the point chosen for each test fold, for molecules left out besides that fold.

    Parameters
    ----------
    records, predictions
        Of `records_of` and `nested_predictions`.
    ids : int64 array of shape (n,)

    Returns
    -------
    dict of arrays
        fold, inner_fold, id, prediction in kcal/mol: fitted without both folds, for a molecule of
        the inner one.

    Raises
    ------
    ModelError
        If no grid point could be fitted for a test fold.
    """
    tables, all_folds = [], [int(f) for f in np.unique(folds)]
    for fold in sorted({int(r["fold"]) for r in records}):
        point = int(chosen_record(records, fold)["point"])
        for inner_fold in (j for j in all_folds if j != fold):
            training = tuple(f for f in all_folds if f not in (fold, inner_fold))
            own = folds == inner_fold
            tables.append(
                inner_table(fold, inner_fold, ids[own], predictions[training][point, own])
            )
    return joined(tables)


def inner_errors_for(selection: Path, fold: int, dataset: Dataset) -> NDArray[np.float64]:
    """Errors in kcal/mol of the inner predictions for a test fold, by its entry's selection table.

    NaN where there is no prediction.

    Raises
    ------
    ArtefactError
        If the table of inner predictions is missing, damaged or not of these molecules.
    """
    entry = EntryFiles(selection.parent)
    path, cost = entry.inner, entry.selection_cost
    check_unchanged(path, read_json(cost)["inner_sha256"], handle=cost)
    inner_folds = [int(f) for f in np.unique(dataset.folds) if f != fold]
    inner = np.isin(dataset.folds, inner_folds)
    predictions = inner_predictions_for(
        read_table(path), fold, inner_folds, dataset.ids[inner], str(path)
    )
    return predictions - dataset.energies[inner]


def inner_predictions_for(
    table: Table, fold: int, inner_folds: Sequence[int], ids: NDArray[np.int64], what: str
) -> NDArray[np.float64]:
    """Inner predictions for one test fold, in the order of the molecules asked for.

    Parameters
    ----------
    ids : int64 array of shape (n,)
        All molecules of the inner folds.
    what : str
        Whose predictions they are, for the message.

    Raises
    ------
    ArtefactError
        If the table has not exactly one prediction for each of the molecules.
    """
    own = (table["fold"] == fold) & np.isin(table["inner_fold"], inner_folds)
    order = np.argsort(table["id"][own], kind="stable")
    places = np.argsort(ids, kind="stable")
    if not np.array_equal(table["id"][own][order], ids[places]):
        raise ArtefactError(
            f"{what}: the inner predictions for test fold {fold} are not those of the molecules of "
            f"folds {' '.join(map(str, inner_folds))}; run the workflow again"
        )
    found = np.empty(len(ids))
    found[places] = table["prediction"][own][order]
    return found
