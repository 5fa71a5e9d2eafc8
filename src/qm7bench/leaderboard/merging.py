"""A row's published folds and those of a run as one row.

Neural networks are trained fold by fold on different days. Folds belong together that were made by
the same settings; of the same fold, the run's is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.results_tree import EntryFiles
from qm7bench.leaderboard.provenance import differences, made_by_of, settings_of
from qm7bench.leaderboard.summary import RowResult, Selection, read_row

Table = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class PublishedRow:
    """A row as it is published.

    Attributes
    ----------
    result : RowResult
    made_by : dict
        `model.json` of its newest fold.
    selections : list of Selection
        What it was chosen by: one that has all folds, or several; empty without a grid.
    """

    result: RowResult
    made_by: dict[str, Any]
    selections: list[Selection]


def merged_row(folder: Path, published: PublishedRow | None) -> tuple[PublishedRow, list[str]]:
    """Finished folds of a run's row with the published ones, and a line on what was left out.

    Parameters
    ----------
    folder : Path
        `models/{feature}/{model}`, with at least one finished fold.
    published : PublishedRow, optional
        The row as it is published.

    Returns
    -------
    row : PublishedRow
    lines : list of str
        One for each group of folds that were made by other settings than the run's newest fold,
        which is what the row stands for; and one where no selection has all folds.
    """
    made_by = made_by_of(_newest(folder))
    own, lines = _alike(folder, made_by)
    result = read_row(folder, own)
    kept: list[dict[str, Any]] = []
    if published is not None:
        wanted = settings_of(made_by, result.metrics[0])
        others = [m for m in published.result.metrics if m["fold"] not in own]
        reasons = [differences(settings_of(published.made_by, m), wanted) for m in others]
        kept = [m for m, reason in zip(others, reasons, strict=True) if not reason]
        lines += _left_out("published", [m["fold"] for m in others], reasons)
    metrics = sorted([*kept, *result.metrics], key=lambda m: int(m["fold"]))
    selections, grid = [], metrics[0]["grid"]
    if grid:
        folds = [m["fold"] for m in metrics]
        earlier = published.selections if published is not None and kept else []
        selections = _selections(Selection.read(folder, grid, folds), earlier, folds)
    if published is not None and kept:
        complete = len(selections) == 1
        if selections and not complete:
            lines.append("no selection has all of its folds, so that best on test is left blank")
        result = replace(
            result,
            metrics=metrics,
            predictions=_joined(published.result.predictions, kept, result.predictions),
            optimistic=selections[0].optimistic if complete else {},
            edges=sorted({edge for s in selections for edge in s.edges}),
            selection_cost=_cost(selections),
        )
    name = f"{folder.parent.name} {folder.name}"
    return PublishedRow(result, made_by, selections), [f"{name}: {line}" for line in lines]


def _newest(folder: Path) -> Path:
    """Folder of the fold that was finished last."""
    entry = EntryFiles(folder)
    fits = [entry.fit(k) for k in entry.finished_folds()]
    return max(fits, key=lambda fit: (fit.metrics.stat().st_mtime_ns, fit.folder.name)).folder


def _alike(folder: Path, made_by: dict[str, Any]) -> tuple[list[int], list[str]]:
    """Folds of the run made by the same settings as the newest, and a line on the others."""
    entry = EntryFiles(folder)
    folds = entry.finished_folds()
    makings = {k: made_by_of(entry.fit(k).folder) for k in folds}
    metrics = {k: read_json(entry.fit(k).metrics) for k in folds}
    wanted = settings_of(made_by, metrics[made_by["fold"]])
    reasons = [differences(settings_of(makings[k], metrics[k]), wanted) for k in folds]
    own = [k for k, reason in zip(folds, reasons, strict=True) if not reason]
    return own, _left_out("the run's", folds, reasons)


def _left_out(whose: str, folds: list[int], reasons: list[str]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for fold, reason in zip(folds, reasons, strict=True):
        if reason:
            groups.setdefault(reason, []).append(str(fold))
    return [
        f"left out {whose} fold{'s' * (len(members) > 1)} {' '.join(members)}, made with {reason}"
        for reason, members in groups.items()
    ]


def _selections(run: Selection, earlier: list[Selection], folds: list[int]) -> list[Selection]:
    """One selection that has all folds, the run's first; or all that have a fold of the row."""
    for selection in (run, *earlier):
        if selection.optimistic and sorted(selection.folds) == folds:
            return [selection]
    needed = set(folds) - set(run.folds)
    return [*(s for s in earlier if needed & set(s.folds)), run]


def _cost(selections: list[Selection]) -> dict[str, Any]:
    """CPU seconds of all selections and memory of the largest."""
    if len(selections) < 2:
        return selections[0].cost if selections else {}
    return {
        "cpu_seconds": sum(s.cost["cpu_seconds"] for s in selections),
        "peak_memory_mb": max(s.cost["peak_memory_mb"] for s in selections),
    }


def _joined(published: Table, kept: list[dict[str, Any]], own: Table) -> Table:
    """Predictions of the published folds that are kept and of the run's, in order of the folds."""
    rows = np.isin(published["fold"], [m["fold"] for m in kept])
    columns = [name for name in own if name in published]
    found = {name: np.concatenate([published[name][rows], own[name]]) for name in columns}
    order = np.argsort(found["fold"], kind="stable")
    return {name: values[order] for name, values in found.items()}
