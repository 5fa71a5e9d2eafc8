"""The leaderboard: one record for each feature and model, from what the fits left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefact import read_json
from qm7bench.evaluation.comparison import paired_difference
from qm7bench.evaluation.selection import best_on_test, grid_edges
from qm7bench.reporting.reference_values import reference_values
from qm7bench.tables import read_records, read_table


@dataclass(frozen=True)
class RowResult:
    """What one row of the table left in its folder `models/{feature}/{model}`.

    `predictions` holds id, energy, prediction and fold of every test molecule.
    """

    feature: str
    model: str
    description: dict[str, Any]
    metrics: list[dict[str, Any]]
    predictions: dict[str, NDArray[Any]]
    selection: list[dict[str, Any]]
    selection_cost: dict[str, Any]


def read_row(folder: Path, description: dict[str, Any], folds: list[int]) -> RowResult:
    """Read the artefacts of one row; `description` is its entry in the list of rows."""
    metrics, tables = [], []
    for fold in folds:
        metrics.append(read_json(folder / f"fold{fold}" / "metrics.json"))
        table = read_table(folder / f"fold{fold}" / "predictions.parquet")
        tables.append({**table, "fold": np.full(len(table["id"]), fold)})
    names = [n for n in tables[0] if all(n in table for table in tables)]
    has_grid = bool(description["grid"])
    return RowResult(
        feature=description["feature"],
        model=description["model"],
        description=description,
        metrics=metrics,
        predictions={n: np.concatenate([t[n] for t in tables]) for n in names},
        selection=read_records(folder / "selection.parquet") if has_grid else [],
        selection_cost=read_json(folder / "selection.json") if has_grid else {},
    )


def summarize(dataset: str, results: list[RowResult]) -> list[dict[str, Any]]:
    """Return the leaderboard's records, best first, with the paired test against the best row."""
    published = reference_values(dataset)
    ordered = sorted(results, key=lambda r: (_mean(r, "mae"), r.feature, r.model))
    records = []
    for result in ordered:
        record = _own_errors(dataset, result)
        for kind in ("document", "literature"):
            value = published.get((result.feature, result.model, kind))
            record[f"{kind}_mae"] = value.mae if value else None
            record[f"{kind}_rmse"] = value.rmse if value else None
            record[f"{kind}_source"] = value.source if value else ""
            record[f"{kind}_replicated"] = value.replicated(record) if value else None
        records.append({**record, **_against_best(result, ordered[0])})
    return records


def _own_errors(dataset: str, result: RowResult) -> dict[str, Any]:
    metrics, grid = result.metrics, result.description["grid"]
    optimistic = best_on_test(result.selection) if grid else {}
    chosen = [m["parameters"] for m in metrics]
    costs = [m["cpu_seconds"] for m in metrics] + [result.selection_cost.get("cpu_seconds", 0.0)]
    memory = [m["peak_memory_mb"] for m in [*metrics, result.selection_cost] if m]
    return {
        "dataset": dataset,
        "feature": result.feature,
        "model": result.model,
        "protocol": "nested" if grid else "fixed",
        "folds": " ".join(str(m["fold"]) for m in metrics),
        "mae": _mean(result, "mae"),
        "mae_std": _std(result, "mae"),
        "rmse": _mean(result, "rmse"),
        "rmse_std": _std(result, "rmse"),
        "mae_best_on_test": optimistic.get("mae"),
        "cpu_seconds": float(sum(costs)),
        "peak_memory_mb": float(max(memory)),
        "parameters": max(m["number_of_parameters"] for m in metrics),
        "budget": result.description["budget"],
        "grid_edges": " ".join(sorted({e for c in chosen for e in grid_edges(c, grid)})),
    }


def _against_best(result: RowResult, best: RowResult) -> dict[str, Any]:
    mine, reference = result.predictions, best.predictions
    if result is best:
        return {"difference_to_best": 0.0, "p_value": None}
    compared = paired_difference(
        mine["id"],
        mine["prediction"] - mine["energy"],
        reference["id"],
        reference["prediction"] - reference["energy"],
    )
    finite = np.isfinite(compared.p_value)
    return {
        "difference_to_best": compared.difference if finite else None,
        "p_value": compared.p_value if finite else None,
    }


def _mean(result: RowResult, name: str) -> float:
    return float(np.mean([m[name] for m in result.metrics]))


def _std(result: RowResult, name: str) -> float:
    """Population standard deviation over folds."""
    return float(np.std([m[name] for m in result.metrics]))
