"""What the members of an ensemble left: predictions for test molecules, inner ones, and costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import check_unchanged, read_json, sha256_of
from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import EntryFiles, FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.evaluation.inner_predictions import inner_predictions_for, joined


@dataclass(frozen=True)
class Member:
    """One fold of an entry that is part of an ensemble.

    Attributes
    ----------
    entry : str
        FEATURE/MODEL.
    files : FitFiles
        Of its fit for the test fold.
    metrics, description : dict
        Its `metrics.json` and `model.json`.
    """

    entry: str
    files: FitFiles
    metrics: dict[str, Any]
    description: dict[str, Any]

    @classmethod
    def read(cls, models: Path, entry: str, fold: int, dataset_sha256: str) -> Member:
        """Read from the folder of all fits.

        Raises
        ------
        ArtefactError
            If the fit is missing, or was made from another data set.
        """
        files = EntryFiles(models / entry).fit(fold)
        metrics, description = read_json(files.metrics), read_json(files.model)
        if description["dataset"]["sha256"] != dataset_sha256:
            raise ArtefactError(f"{files.model}: fitted to other molecules; run the workflow again")
        return cls(entry, files, metrics, description)

    @property
    def model_sha256(self) -> str:
        """Checksum of its `model.json`, which holds that of its arrays."""
        return sha256_of(self.files.model)

    def test_predictions(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Predictions (n,) in kcal/mol for the test molecules, checked.

        Raises
        ------
        ArtefactError
            If the table was damaged or is of other molecules.
        """
        path = self.files.predictions
        check_unchanged(path, self.metrics["predictions_sha256"], self.files.metrics)
        table = read_table(path)
        if not np.array_equal(table["id"], ids):
            raise ArtefactError(f"{path}: not the test molecules; run the workflow again")
        return np.asarray(table["prediction"])

    def inner_handles(self, inner_folds: Sequence[int]) -> list[Path]:
        """JSON files beside the tables of inner predictions, with their cost and checksum."""
        entry = self._entry()
        if self.metrics["grid"]:
            return [entry.selection_cost]
        pairs = [sorted((int(self.metrics["fold"]), j)) for j in inner_folds]
        return [entry.without(a, b).metrics for a, b in pairs]

    def inner_predictions(
        self, dataset: Dataset, inner_folds: Sequence[int]
    ) -> NDArray[np.float64]:
        """Predictions (n,) for all molecules of the inner folds, in the data set's order.

        Raises
        ------
        ArtefactError
            If a table is missing, damaged, or lacks a molecule.
        """
        tables = []
        for handle in self.inner_handles(inner_folds):
            path = FitFiles(handle.parent).inner
            check_unchanged(path, read_json(handle)["inner_sha256"], handle)
            tables.append(read_table(path))
        ids = dataset.ids[np.isin(dataset.folds, inner_folds)]
        fold = int(self.metrics["fold"])
        return inner_predictions_for(joined(tables), fold, inner_folds, ids, self.entry)

    def costs(self, inner_folds: Sequence[int], test_folds: Sequence[int]) -> list[dict[str, Any]]:
        """CPU seconds and peak memory of all jobs behind this fold.

        What serves several test folds, a selection, a pretraining or an inner fit, counts by equal
        parts.
        """
        fold = int(self.metrics["fold"])
        served = {fold, *test_folds}
        costs = [self.metrics]
        if "pretraining" in self.metrics:
            costs.append(_part(self.metrics["pretraining"], len(served)))
        if self.metrics["grid"]:
            return [*costs, _part(read_json(self._entry().selection_cost), len(served))]
        inner = [read_json(handle) for handle in self.inner_handles(inner_folds)]
        return [*costs, *(_part(c, len(served & set(c["left_out"]))) for c in inner)]

    def _entry(self) -> EntryFiles:
        """Files that all folds of the entry share."""
        return EntryFiles(self.files.folder.parent)


def _part(cost: dict[str, Any], number: int) -> dict[str, Any]:
    return {**cost, "cpu_seconds": cost["cpu_seconds"] / number}
