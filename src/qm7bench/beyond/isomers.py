"""Isomers: energy differences between molecules of the same composition, and their order.

Within a composition everything that a count of atoms predicts cancels, so that structure alone
decides. The data sets' own example are the isomers of C7H10O2 in QM9: Ramakrishnan, Dral, Rupp &
von Lilienfeld, Sci. Data 1, 140022 (2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.beyond.track import Column, Floats, Measured, NotApplicableError, Track
from qm7bench.datasets.dataset import Dataset

FEWEST = 20
"""Compositions with fewer molecules are left out: an order of so few says little."""


class Isomers:
    """Molecules of a data set by composition.

    Parameters
    ----------
    dataset : Dataset

    Raises
    ------
    NotApplicableError
        If no composition has enough molecules.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.energies = dataset.energies
        formulas, inverse = np.unique(np.array(dataset.formulas()), return_inverse=True)
        members = [np.flatnonzero(inverse == k) for k in _frequent(inverse)]
        if not members:
            raise NotApplicableError(
                f"No composition of {dataset.name} has {FEWEST} molecules; the largest has "
                f"{np.bincount(inverse).max()}."
            )
        self.members = sorted(members, key=lambda own: (-len(own), own[0]))
        self.formulas = [str(formulas[inverse[own[0]]]) for own in self.members]

    def measure(self, predictions: Floats) -> Measured:
        """Errors of the differences of all pairs within a composition, pooled over the pairs.

        Of a composition, the molecules with a prediction count, where they are `FEWEST` or more.
        """
        errors = predictions - self.energies
        known = [own[np.isfinite(errors[own])] for own in self.members]
        named = [
            (f, own) for f, own in zip(self.formulas, known, strict=True) if len(own) >= FEWEST
        ]
        if not named:
            return {column.name: None for column in COLUMNS}
        pairs = np.array([len(own) * (len(own) - 1) // 2 for _, own in named])
        differences = np.array([_sum_over_pairs(errors[own]) for _, own in named])
        tau = [kendall_tau(self.energies[own], predictions[own]) for _, own in named]
        every = np.concatenate([own for _, own in named])
        # Each molecule as often as it is in a pair.
        weights = np.concatenate([np.full(len(own), len(own) - 1.0) for _, own in named])
        at_random = _mean_difference(errors[every], weights)
        spread = sum(_sum_over_pairs(self.energies[own]) for _, own in named)
        mae = differences.sum() / pairs.sum()
        return {
            "pairs_mae": mae,
            "tau": np.average(tau, weights=pairs),
            "cancellation": mae / at_random if at_random > 0 else None,
            "own_mae": np.average(np.abs(errors[every]), weights=weights),
            "largest": named[0][0],
            "largest_mae": differences[0] / pairs[0],
            "largest_tau": tau[0],
            "largest_molecules": len(named[0][1]),
            "spread": spread / pairs.sum(),
            "compositions": len(named),
            "molecules": len(every),
            "pairs": pairs.sum(),
        }


def _frequent(inverse: NDArray[Any]) -> NDArray[Any]:
    """Compositions with enough molecules."""
    return np.flatnonzero(np.bincount(inverse) >= FEWEST)


def _sum_over_pairs(values: Floats) -> float:
    """Sum of |x_i - x_j| over all pairs i < j, from the sorted values: n log n steps."""
    n = len(values)
    return float(np.sort(values) @ (2.0 * np.arange(n) - n + 1))


def _mean_difference(values: Floats, weights: Floats) -> float:
    """Mean of |x_i - x_j| over all pairs i < j, each counted w_i w_j times."""
    order = np.argsort(values, kind="stable")
    x, w = values[order], weights[order]
    before = np.cumsum(w) - w
    # Every pair once: x_j - x_i with i before j.
    total = np.sum(w * x * (before - (w.sum() - before - w)))
    pairs = (w.sum() ** 2 - np.sum(w**2)) / 2
    return float(total / pairs) if pairs > 0 else 0.0


def kendall_tau(energies: Floats, predictions: Floats) -> float:
    """Kendall's tau-b of two orders; 0 where all are equal, as nothing is ordered then.

    The share of pairs in the right order is (1 + tau) / 2 where no two values are equal.
    """
    from scipy.stats import kendalltau

    tau = float(kendalltau(energies, predictions).statistic)
    return tau if np.isfinite(tau) else 0.0


COLUMNS = (
    Column(
        "pairs_mae",
        "kcal/mol",
        "MAE of differences",
        "Mean absolute error of the energy difference of two molecules of one composition, over "
        "all such pairs.",
    ),
    Column(
        "tau",
        "",
        "Kendall's τ",
        "Agreement of the predicted order with the reference order within a composition, mean over "
        "compositions weighted by their pairs: 1 is the same order, 0 none.",
        "{:.4f}",
    ),
    Column(
        "cancellation",
        "",
        "cancellation",
        "MAE of differences divided by the same for two molecules drawn from all compositions; "
        "below 1, errors of isomers cancel in part.",
        "{:.2f}",
    ),
    Column(
        "own_mae",
        "kcal/mol",
        "MAE of these molecules",
        "Mean absolute error of the energies themselves, each molecule counted as often as it is "
        "in a pair.",
    ),
    Column("largest", "", "largest composition", "Composition with most molecules."),
    Column("largest_mae", "kcal/mol", "its MAE", "MAE of differences within it."),
    Column("largest_tau", "", "its τ", "Kendall's τ within it.", "{:.4f}"),
    Column("largest_molecules", "", "", "Its molecules with a prediction.", "{:,.0f}"),
    Column(
        "spread",
        "kcal/mol",
        "",
        "Mean absolute difference of the reference energies of these pairs: the error of "
        "predicting no difference.",
    ),
    Column("compositions", "", "", "Compositions with molecules enough.", "{:,.0f}"),
    Column("molecules", "", "", "Their molecules with a prediction.", "{:,.0f}"),
    Column("pairs", "", "pairs", "Pairs of isomers.", "{:,.0f}"),
)

TRACK = Track(
    name="isomers",
    title="Isomers",
    meaning=(
        "All pairs of molecules of one composition: the error of their energy difference, and the "
        "order of their energies. What follows from the count of atoms cancels here, so that "
        f"structure alone decides. Compositions with {FEWEST} molecules or more count. A "
        "molecule's prediction comes from the model that was not trained on it, so that two "
        "isomers in different folds are predicted by two models. If errors were independent and "
        "normally distributed, the error of differences would be 1.41 times that of the energies. "
        "The column cancellation compares with pairs of any compositions, which holds for any "
        "distribution: below 1, isomers share a part of their errors."
    ),
    columns=COLUMNS,
    prepare=lambda dataset: Isomers(dataset).measure,
)
