"""An entry's published folds and those of a run as one entry; nothing is read or written here.

Neural networks are trained fold by fold on different days. Folds belong together that were made by
the same settings; of the same fold, the run's is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.leaderboard.entries import FinishedEntry, Selection
from qm7bench.leaderboard.provenance import differences


def merged(run: FinishedEntry, published: FinishedEntry | None) -> tuple[FinishedEntry, list[str]]:
    """Finished folds of a run's entry with the published ones, and what was left out.

    Parameters
    ----------
    run : FinishedEntry
        With all its finished folds; it stands for the settings of the newest.
    published : FinishedEntry, optional
        The entry as it is published.

    Returns
    -------
    entry : FinishedEntry
    lines : list of str
        One for each group of folds that were made by other settings than the run's newest fold;
        and one where no selection has all folds.
    """
    wanted = run.settings(run.newest)
    own, lines = _alike(run, run.folds, wanted, "the run's")
    found = run.only(own)
    kept: list[int] = []
    if published is not None:
        others = [fold for fold in published.folds if fold not in own]
        kept, left_out = _alike(published, others, wanted, "published")
        lines += left_out
        found = _joined(found, published.only(kept))
    earlier = published.selections if published is not None and kept else []
    selections = _selections(run.selections, earlier, found.folds)
    if kept and len(selections) > 1:
        lines.append("no selection has all of its folds, so that best on test is left blank")
    return replace(found, selections=selections), [f"{run.name}: {line}" for line in lines]


def _alike(
    entry: FinishedEntry, folds: Sequence[int], wanted: dict[str, Any], whose: str
) -> tuple[list[int], list[str]]:
    """Those of the folds that were made by the wanted settings, and lines on the others."""
    reasons = {fold: differences(entry.settings(fold), wanted) for fold in folds}
    groups: dict[str, list[str]] = {}
    for fold, reason in reasons.items():
        if reason:
            groups.setdefault(reason, []).append(str(fold))
    lines = [
        f"left out {whose} fold{'s' * (len(members) > 1)} {' '.join(members)}, made with {reason}"
        for reason, members in groups.items()
    ]
    return [fold for fold, reason in reasons.items() if not reason], lines


def _joined(run: FinishedEntry, kept: FinishedEntry) -> FinishedEntry:
    """Both entries' folds in one, ascending."""
    if not kept.folds:
        return run
    columns = [name for name in run.predictions if name in kept.predictions]
    both: dict[str, NDArray[Any]] = {
        name: np.concatenate([kept.predictions[name], run.predictions[name]]) for name in columns
    }
    order = np.argsort(both["fold"], kind="stable")
    return replace(
        run,
        metrics=sorted([*kept.metrics, *run.metrics], key=lambda m: int(m["fold"])),
        predictions={name: column[order] for name, column in both.items()},
        made_by=kept.made_by | run.made_by,
    )


def _selections(
    own: list[Selection], earlier: list[Selection], folds: list[int]
) -> list[Selection]:
    """One selection that has all folds, the run's first; or all that have a fold of the entry."""
    if not own:
        return []
    run = own[0].over(folds)
    for selection in (run, *earlier):
        if selection.optimistic and sorted(selection.folds) == folds:
            return [selection]
    needed = set(folds) - set(run.folds)
    return [*(s for s in earlier if needed & set(s.folds)), run]
