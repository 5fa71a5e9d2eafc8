"""The leaderboard: one line for each finished entry, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from qm7bench.datasets.dataset import Dataset
from qm7bench.evaluation.conformal import interval_quality
from qm7bench.leaderboard.columns import as_leaderboard, plain_records
from qm7bench.leaderboard.comparisons import Errors, compared
from qm7bench.leaderboard.entries import FinishedEntry
from qm7bench.leaderboard.reference_values import KINDS, reference_values
from qm7bench.registry.families import family_of

ORDER = ["extra_data", "mae", "feature", "model"]


def summarize(dataset: Dataset, entries: Sequence[FinishedEntry]) -> pd.DataFrame:
    """Return the leaderboard: the columns of `columns.COLUMNS`, the best entry first.

    Entries that also use other data are separate tracks, which follow the main one. Paired tests
    compare entries of the same track.
    """
    frame = pd.DataFrame([_errors_and_costs(entry) for entry in entries]).sort_values(ORDER)
    ordered = [entries[place] for place in frame.index]
    frame = frame.reset_index(drop=True).assign(dataset=dataset.name)
    errors = [Errors(entry.predictions["id"], entry.errors(dataset)) for entry in ordered]
    parts = [
        frame,
        _figures(frame, ordered),
        compared(frame, errors),
        pd.DataFrame([_intervals(*pair) for pair in zip(ordered, errors, strict=True)]),
    ]
    return as_leaderboard(pd.concat(parts, axis="columns"))


def _errors_and_costs(entry: FinishedEntry) -> dict[str, Any]:
    """Means and spreads over the folds, and costs of folds, selection and pretraining."""
    folds, first = pd.DataFrame(entry.metrics), entry.metrics[0]
    # A fold of which no molecule could be predicted has no error.
    folds = folds.astype(dict.fromkeys(("mae", "rmse", "largest_error"), float))
    # One pretraining serves all folds; an ensemble's folds hold their share of their members'.
    shared = [c for c in (entry.selection_cost, first.get("pretraining")) if c]
    costs = pd.DataFrame([*entry.metrics, *shared])
    return {
        "feature": entry.feature,
        "model": entry.model,
        "protocol": first.get("protocol", "nested" if entry.grid else "fixed"),
        "folds": " ".join(map(str, entry.folds)),
        "mae": folds["mae"].mean(),
        "mae_std": folds["mae"].std(ddof=0),
        "rmse": folds["rmse"].mean(),
        "rmse_std": folds["rmse"].std(ddof=0),
        "mae_best_on_test": entry.optimistic.get("mae"),
        "cpu_seconds": costs["cpu_seconds"].sum(),
        "peak_memory_mb": costs["peak_memory_mb"].max(),
        "parameters": folds["number_of_parameters"].max(),
        "budget": first["budget"],
        "extra_data": entry.extra_data,
        "grid_edges": " ".join(entry.edges),
        "max_error": folds["largest_error"].max(),
        "family": family_of(entry.module),
        "unpredicted": sum(m.get("unpredicted", 0) for m in entry.metrics),
    }


def _figures(frame: pd.DataFrame, entries: Sequence[FinishedEntry]) -> pd.DataFrame:
    """Published figures of each entry, and how its errors compare with them."""
    published = reference_values(str(frame["dataset"].iloc[0]))
    lines = []
    for record, entry in zip(plain_records(frame), entries, strict=True):
        line: dict[str, Any] = {}
        for kind in KINDS:
            value = published.get((entry.feature, entry.model, kind))
            compares = (record, entry.metrics)
            line |= {
                f"{kind}_mae": value.mae if value else None,
                f"{kind}_rmse": value.rmse if value else None,
                f"{kind}_source": value.origin if value else "",
                f"{kind}_ours": value.ours(*compares) if value else None,
                f"{kind}_replicated": value.replicated(*compares) if value else None,
            }
        lines.append(line)
    return pd.DataFrame(lines)


def _intervals(entry: FinishedEntry, errors: Errors) -> dict[str, Any]:
    """Coverage and mean width of the 90 % conformal intervals."""
    folds, uncertainties = entry.predictions["fold"], entry.predictions.get("uncertainty")
    quality = interval_quality(errors.errors, folds, uncertainties)
    return {
        "coverage_90": quality.coverage if quality else None,
        "interval_width_90": quality.mean_width if quality else None,
        **_inner_intervals(entry.metrics),
    }


def _inner_intervals(metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """The same calibrated on inner folds: mean over the test folds, if all of them have it."""
    found = [m["inner_interval_90"] for m in metrics if "inner_interval_90" in m]
    complete = len(found) == len(metrics)
    if not complete:
        return {"inner_coverage_90": None, "inner_interval_width_90": None}
    mean = pd.DataFrame(found).mean()
    return {
        "inner_coverage_90": mean["coverage"],
        "inner_interval_width_90": mean["mean_width"],
    }
