"""A finished entry of the leaderboard: everything its fits left, read once into one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import check_unchanged, read_json
from qm7bench.artefacts.parquet import read_records, read_table
from qm7bench.artefacts.results_tree import EntryFiles, FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.ids import places_of
from qm7bench.errors import ArtefactError
from qm7bench.evaluation.selection import best_on_test, grid_edges
from qm7bench.fitting.track import also_used
from qm7bench.leaderboard.provenance import made_by_of, settings_of

PREDICTED = ("id", "fold", "prediction", "uncertainty")


@dataclass(frozen=True)
class Selection:
    """What the choice of hyper-parameters says of some test folds.

    Attributes
    ----------
    folds : list of int
        Test folds that it has.
    optimistic : dict
        The best grid point on the test folds, `evaluation.selection.best_on_test`; empty where
        not all folds asked for are there, as a mean over fewer would not stand beside the entry's.
    edges : list of str
        Parameters chosen on an edge of their grid.
    cost : dict
        CPU seconds and memory.
    points : list of dict
        Errors of every grid point by fold, from `selection.parquet`; empty for published ones.
    grid : dict
        Values that parameters were chosen from; empty for published ones.
    """

    folds: list[int]
    optimistic: dict[str, Any]
    edges: list[str]
    cost: dict[str, Any]
    points: list[dict[str, Any]] = field(default_factory=list, repr=False)
    grid: dict[str, list[Any]] = field(default_factory=dict, repr=False)

    def over(self, folds: Sequence[int]) -> Selection:
        """Return what it says of the given folds; needs its points."""
        own = [r for r in self.points if r["fold"] in folds]
        found = sorted({int(r["fold"]) for r in own})
        optimistic = best_on_test(own) if found == sorted(folds) else {}
        edges = grid_edges(own, self.grid)
        return replace(self, folds=found, optimistic=optimistic, edges=edges)


@dataclass(frozen=True)
class FinishedEntry:
    """One feature and model with all that is known of its finished folds.

    Attributes
    ----------
    feature, model : str
    metrics : list of dict
        What each fold's `metrics.json` says, in the order of the folds.
    predictions : dict of arrays
        id, fold and prediction of every test molecule, and uncertainty where the model gives one.
    made_by : dict of dict
        What made each fold, its `model.json`. Of a published entry, that of its newest fold stands
        for all.
    newest : int
        The fold that was finished last; the entry stands for the settings that made it.
    selections : list of Selection
        What it was chosen by: one that has all folds, or several; empty without a grid.
    """

    feature: str
    model: str
    metrics: list[dict[str, Any]]
    predictions: Mapping[str, NDArray[Any]]
    made_by: dict[int, dict[str, Any]]
    newest: int
    selections: list[Selection] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Feature and model, for messages."""
        return f"{self.feature} {self.model}"

    @property
    def folds(self) -> list[int]:
        """Finished test folds, ascending."""
        return [int(m["fold"]) for m in self.metrics]

    @property
    def grid(self) -> dict[str, list[Any]]:
        """Values that parameters were chosen from; empty where nothing was chosen."""
        grid: dict[str, list[Any]] = self.metrics[0]["grid"]
        return grid

    @property
    def module(self) -> str:
        """Module of the model in the package, or `ensemble`."""
        return str(self.made_by[self.newest]["module"])

    @property
    def extra_data(self) -> str:
        """What the entry also uses besides its training molecules; empty for most."""
        return also_used(self.metrics[0])

    @property
    def optimistic(self) -> dict[str, Any]:
        """Best grid point on the test folds; empty without a selection that has them all."""
        return self.selections[0].optimistic if len(self.selections) == 1 else {}

    @property
    def edges(self) -> list[str]:
        """Parameters chosen on an edge of their grid."""
        return sorted({edge for selection in self.selections for edge in selection.edges})

    @property
    def selection_cost(self) -> dict[str, Any]:
        """CPU seconds of all selections and memory of the largest; empty without a grid."""
        costs = [selection.cost for selection in self.selections]
        if len(costs) < 2:
            return costs[0] if costs else {}
        return {
            "cpu_seconds": sum(cost["cpu_seconds"] for cost in costs),
            "peak_memory_mb": max(cost["peak_memory_mb"] for cost in costs),
        }

    def settings(self, fold: int) -> dict[str, Any]:
        """Everything that was set for a fold: see `provenance.settings_of`."""
        (metrics,) = [m for m in self.metrics if m["fold"] == fold]
        return settings_of(self.made_by[fold], metrics)

    def only(self, folds: Sequence[int]) -> FinishedEntry:
        """Return the entry of some of its folds, its selections unchanged."""
        of_folds = np.isin(self.predictions["fold"], folds)
        return replace(
            self,
            metrics=[m for m in self.metrics if m["fold"] in folds],
            predictions={name: column[of_folds] for name, column in self.predictions.items()},
            made_by={k: made_by for k, made_by in self.made_by.items() if k in folds},
        )

    def errors(self, dataset: Dataset) -> NDArray[np.float64]:
        """Prediction - reference energy of each of its molecules, in kcal/mol.

        Raises
        ------
        ArtefactError
            If it predicts a molecule that the data set does not have.
        """
        places, known = places_of(self.predictions["id"], dataset)
        if not known.all():
            raise ArtefactError(
                f"{self.name}: predicts molecule {self.predictions['id'][~known][0]}, which the "
                f"data set {dataset.name} does not have; run the entry again"
            )
        return np.asarray(self.predictions["prediction"] - dataset.energies[places])


def read_entry(folder: Path, folds: Sequence[int] | None = None) -> FinishedEntry:
    """Read an entry from its folder `models/{feature}/{model}`, checking every checksum.

    Parameters
    ----------
    folds : sequence of int, optional
        Test folds that it must have; all finished ones by default.

    Raises
    ------
    ArtefactError
        If a fold is not finished, or a file is damaged.
    """
    files = EntryFiles(folder)
    folds = sorted(files.finished_folds() if folds is None else folds)
    if not folds:
        raise ArtefactError(f"{folder}: no finished folds; run the workflow first")
    fits = {fold: files.fit(fold) for fold in folds}
    metrics = [read_json(fit.metrics) for fit in fits.values()]
    grid = metrics[0]["grid"]
    return FinishedEntry(
        feature=folder.parent.name,
        model=folder.name,
        metrics=metrics,
        predictions=_read_predictions(fits, metrics),
        made_by={fold: made_by_of(fit.folder) for fold, fit in fits.items()},
        newest=max(folds, key=lambda fold: (fits[fold].metrics.stat().st_mtime_ns, fold)),
        selections=[_read_selection(files, grid).over(folds)] if grid else [],
    )


def _read_predictions(
    fits: dict[int, FitFiles], metrics: list[dict[str, Any]]
) -> dict[str, NDArray[Any]]:
    tables = []
    for (fold, fit), own in zip(fits.items(), metrics, strict=True):
        check_unchanged(fit.predictions, own["predictions_sha256"], fit.metrics)
        table = read_table(fit.predictions)
        tables.append({**table, "fold": np.full(len(table["id"]), fold)})
    columns = [name for name in PREDICTED if name in tables[0]]
    return {name: np.concatenate([table[name] for table in tables]) for name in columns}


def _read_selection(files: EntryFiles, grid: dict[str, list[Any]]) -> Selection:
    """Read an entry's selection, with all its points."""
    cost = read_json(files.selection_cost)
    check_unchanged(files.selection, cost["table_sha256"], files.selection_cost)
    return Selection([], {}, [], cost, points=read_records(files.selection), grid=grid)
