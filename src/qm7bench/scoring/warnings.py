"""What a reader of a score should know: missing molecules, other folds, signs of a leak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import formula
from qm7bench.datasets.dataset import Dataset
from qm7bench.scoring.alignment import Aligned
from qm7bench.scoring.comparisons import Comparison

NAMED = 5
"""Molecules that are named, at most."""
FAR_BELOW = 0.5
"""Errors below this part of the best entry's, or of the other folds', may come of a leak."""
SMALLEST_FOLD = 50
"""Molecules that a fold needs for its error to be compared with the others'."""
CHECKS = (
    "Check that no test molecule was trained on, in pretraining either, nor a copy of one; that "
    "epochs, hyper-parameters and features were chosen without the test fold; and that no input is "
    "computed from the energies"
)


def warnings_of(
    found: Aligned,
    dataset: Dataset,
    by_fold: Sequence[dict[str, Any]],
    comparisons: Sequence[Comparison],
) -> list[str]:
    """Sentences, the gravest last."""
    told = [
        _same_as(comparisons),
        _repeated(found),
        _missing(found, dataset, by_fold),
        _other_folds(found, dataset),
        _one_fold_far_below(by_fold),
        _far_below(found, dataset, comparisons),
    ]
    return [sentence for sentence in told if sentence]


def _same_as(comparisons: Sequence[Comparison]) -> str:
    same = [other.entry.name for other in comparisons if other.p_value == 1.0]
    return f"The predictions are those of the published entry {same[0]}." if same else ""


def _repeated(found: Aligned) -> str:
    number = len(found.repeated)
    if not number:
        return ""
    several = f"{number:,} molecules stand" if number > 1 else "1 molecule stands"
    return (
        f"{several} several times with the same prediction, such as {found.repeated[0]}: each is "
        "counted once."
    )


def _missing(found: Aligned, dataset: Dataset, by_fold: Sequence[dict[str, Any]]) -> str:
    tested = np.isin(found.folds, [line["fold"] for line in by_fold])
    missing = np.flatnonzero(tested & ~np.isfinite(found.predictions))
    absent = sorted(set(np.unique(found.folds[~tested]).tolist()))
    sentences = []
    if len(missing):
        sentences.append(
            f"{len(missing):,} of {int(tested.sum()):,} molecules have no prediction: "
            f"{_named(missing, dataset)}; errors are those of the others, and other entries are "
            "judged on the same molecules."
        )
    if absent:
        names = " ".join(map(str, absent))
        sentences.append(f"No molecule of fold{'s' * (len(absent) > 1)} {names} has a prediction.")
    return " ".join(sentences)


def _named(indices: NDArray[np.int64], dataset: Dataset) -> str:
    shown = indices[:NAMED]
    names = [f"{dataset.ids[i]} ({formula(dataset.charges[i])})" for i in shown]
    return ", ".join(names) + (", ..." if len(indices) > NAMED else "")


def _other_folds(found: Aligned, dataset: Dataset) -> str:
    if np.array_equal(found.folds, dataset.folds):
        return ""
    return (
        f"The folds are not those of {dataset.name}: training sets differ from the published "
        "entries', so that a small difference to them says little. `qm7bench folds` writes the "
        "predefined ones."
    )


def _one_fold_far_below(by_fold: Sequence[dict[str, Any]]) -> str:
    large = [line for line in by_fold if line["test_molecules"] >= SMALLEST_FOLD]
    if len(large) < 3:
        return ""
    lowest = min(large, key=lambda line: line["mae"])
    others = float(np.median([line["mae"] for line in large if line is not lowest]))
    if lowest["mae"] >= FAR_BELOW * others:
        return ""
    return (
        f"The error of fold {lowest['fold']} is {lowest['mae']:.3g} kcal/mol and that of the other "
        f"folds {others:.3g}: was the model that predicted it trained on it?"
    )


def _far_below(found: Aligned, dataset: Dataset, comparisons: Sequence[Comparison]) -> str:
    own = np.abs(found.predictions - dataset.energies)
    complete = [c for c in comparisons if c.molecules == max(o.molecules for o in comparisons)]
    if not complete:
        return ""
    best = min(complete, key=lambda other: other.mae)
    mae = float(np.nanmean(own))
    if mae >= FAR_BELOW * best.mae:
        return ""
    return (
        f"The error of {mae:.3g} kcal/mol is far below the best published one, {best.mae:.3g} by "
        f"{best.entry.name}. {CHECKS}."
    )
