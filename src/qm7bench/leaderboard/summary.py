"""The leaderboard: one record for each feature and model, from what the fits left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import check_unchanged, read_json
from qm7bench.artefacts.parquet import read_records, read_table
from qm7bench.artefacts.results_tree import EntryFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.evaluation.comparison import paired_difference
from qm7bench.evaluation.conformal import interval_quality
from qm7bench.evaluation.selection import best_on_test, grid_edges
from qm7bench.fitting.extra_data import extra_data
from qm7bench.leaderboard.reference_values import reference_values


@dataclass(frozen=True)
class RowResult:
    """What is known of one row of the table.

    Attributes
    ----------
    feature, model : str
    metrics : list of dict
        What each fold's `metrics.json` says, in the order of the folds.
    optimistic : dict
        The best grid point on the test folds, `evaluation.selection.best_on_test`; empty without
        a grid.
    edges : list of str
        Parameters chosen on an edge of their grid.
    selection_cost : dict
        CPU seconds and memory of the selection; empty without a grid.
    predictions : dict of arrays
        id, fold and prediction of every test molecule, and uncertainty where the model gives one.
    """

    feature: str
    model: str
    metrics: list[dict[str, Any]]
    optimistic: dict[str, Any]
    edges: list[str]
    selection_cost: dict[str, Any]
    predictions: dict[str, NDArray[Any]]

    @property
    def extra_data(self) -> str:
        """What the row knows besides the training molecules; empty for most."""
        return extra_data(self.metrics[0])


@dataclass(frozen=True)
class Selection:
    """What a row's selection says of some test folds.

    Attributes
    ----------
    folds : list of int
        Those of the folds asked for that it has.
    optimistic : dict
        As in `RowResult`, over the folds asked for; empty unless it has them all, as a mean over
        fewer folds would not stand beside the row's.
    edges : list of str
    cost : dict
    """

    folds: list[int]
    optimistic: dict[str, Any]
    edges: list[str]
    cost: dict[str, Any]

    @classmethod
    def read(cls, folder: Path, grid: dict[str, list[Any]], folds: list[int]) -> Selection:
        """Read from a row's folder, checking the checksum."""
        entry = EntryFiles(folder)
        path, cost = entry.selection, read_json(entry.selection_cost)
        check_unchanged(path, cost["table_sha256"], entry.selection_cost)
        records = [r for r in read_records(path) if r["fold"] in folds]
        found = sorted({int(r["fold"]) for r in records})
        optimistic = best_on_test(records) if found == sorted(folds) else {}
        return cls(found, optimistic, grid_edges(records, grid), cost)


def read_row(folder: Path, folds: list[int]) -> RowResult:
    """Read a row from its folder `models/{feature}/{model}`, checking every checksum."""
    metrics, tables = [], []
    for fold in folds:
        fit = EntryFiles(folder).fit(fold)
        metrics.append(read_json(fit.metrics))
        check_unchanged(fit.predictions, metrics[-1]["predictions_sha256"], fit.metrics)
        table = read_table(fit.predictions)
        tables.append({**table, "fold": np.full(len(table["id"]), fold)})
    columns = [c for c in ("id", "fold", "prediction", "uncertainty") if c in tables[0]]
    grid = metrics[0]["grid"]
    selection = Selection.read(folder, grid, folds) if grid else Selection([], {}, [], {})
    return RowResult(
        feature=folder.parent.name,
        model=folder.name,
        metrics=metrics,
        optimistic=selection.optimistic,
        edges=selection.edges,
        selection_cost=selection.cost,
        predictions={c: np.concatenate([t[c] for t in tables]) for c in columns},
    )


def summarize(dataset: Dataset, results: list[RowResult]) -> list[dict[str, Any]]:
    """Return the leaderboard's records, best first, with the paired test against the best row.

    Rows that learned from other data too are a class of their own, which follows the others. The
    best row of a class is among those with most test folds: a row of one fold is no yardstick.
    """
    published = reference_values(dataset.name)
    ordered = sorted(results, key=lambda r: (r.extra_data, _mean(r, "mae"), r.feature, r.model))
    best: dict[str, RowResult] = {}
    for result in sorted(ordered, key=lambda r: -len(r.metrics)):
        best.setdefault(result.extra_data, result)
    records = []
    for result in ordered:
        record = _own_errors(dataset.name, result)
        for kind in ("document", "literature"):
            value = published.get((result.feature, result.model, kind))
            record[f"{kind}_mae"] = value.mae if value else None
            record[f"{kind}_rmse"] = value.rmse if value else None
            record[f"{kind}_source"] = value.source if value else ""
            compared = (record, result.metrics)
            record[f"{kind}_ours"] = value.ours(*compared) if value else None
            record[f"{kind}_replicated"] = value.replicated(*compared) if value else None
        record |= _against_best(dataset, result, best[result.extra_data])
        record |= _intervals(dataset, result)
        records.append(record)
    return records


def _own_errors(dataset: str, result: RowResult) -> dict[str, Any]:
    metrics, grid = result.metrics, result.metrics[0]["grid"]
    # One pretraining serves all folds; an ensemble's folds hold their share of their members'.
    shared = [c for c in (result.selection_cost, metrics[0].get("pretraining")) if c]
    costs = [m["cpu_seconds"] for m in [*metrics, *shared]]
    memory = [m["peak_memory_mb"] for m in [*metrics, *shared]]
    return {
        "dataset": dataset,
        "feature": result.feature,
        "model": result.model,
        "protocol": metrics[0].get("protocol", "nested" if grid else "fixed"),
        "folds": " ".join(str(m["fold"]) for m in metrics),
        "mae": _mean(result, "mae"),
        "mae_std": _std(result, "mae"),
        "rmse": _mean(result, "rmse"),
        "rmse_std": _std(result, "rmse"),
        "mae_best_on_test": result.optimistic.get("mae"),
        "cpu_seconds": float(sum(costs)),
        "peak_memory_mb": float(max(memory)),
        "parameters": max(m["number_of_parameters"] for m in metrics),
        "budget": metrics[0]["budget"],
        "extra_data": result.extra_data,
        "grid_edges": " ".join(result.edges),
    }


def _against_best(dataset: Dataset, result: RowResult, best: RowResult) -> dict[str, Any]:
    if result is best:
        return {"difference_to_best": 0.0, "p_value": None}
    compared = paired_difference(
        result.predictions["id"],
        errors(dataset, result),
        best.predictions["id"],
        errors(dataset, best),
    )
    finite = np.isfinite(compared.p_value)
    return {
        "difference_to_best": compared.difference if finite else None,
        "p_value": compared.p_value if finite else None,
    }


def _intervals(dataset: Dataset, result: RowResult) -> dict[str, Any]:
    """Coverage and mean width of the 90 % conformal intervals."""
    quality = interval_quality(
        errors(dataset, result), result.predictions["fold"], result.predictions.get("uncertainty")
    )
    return {
        "coverage_90": quality.coverage if quality else None,
        "interval_width_90": quality.mean_width if quality else None,
        **_inner_intervals(result.metrics),
    }


def _inner_intervals(metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """The same of intervals calibrated inside the training folds: mean over the test folds."""
    found = [m["inner_interval_90"] for m in metrics if "inner_interval_90" in m]
    complete = len(found) == len(metrics)
    names = {"inner_coverage_90": "coverage", "inner_interval_width_90": "mean_width"}
    return {
        column: float(np.mean([own[key] for own in found])) if complete else None
        for column, key in names.items()
    }


def errors(dataset: Dataset, result: RowResult) -> NDArray[np.float64]:
    """Prediction less energy of each of the row's molecules, in kcal/mol.

    Raises
    ------
    ArtefactError
        If the row predicts a molecule that the data set does not have.
    """
    ids = result.predictions["id"]
    strangers = ids[~np.isin(ids, dataset.ids)]
    if len(strangers):
        raise ArtefactError(
            f"{result.feature} {result.model}: predicts molecule {strangers[0]}, which the data "
            f"set {dataset.name} does not have; run the row again"
        )
    order = np.argsort(dataset.ids)
    rows = order[np.searchsorted(dataset.ids, ids, sorter=order)]
    return np.asarray(result.predictions["prediction"] - dataset.energies[rows])


def _mean(result: RowResult, name: str) -> float:
    return float(np.mean([m[name] for m in result.metrics]))


def _std(result: RowResult, name: str) -> float:
    """Population standard deviation over folds."""
    return float(np.std([m[name] for m in result.metrics]))
