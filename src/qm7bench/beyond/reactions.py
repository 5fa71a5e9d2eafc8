"""Reactions within a data set: isodesmic ones and hydrogenations, each by its own error."""

from __future__ import annotations

import numpy as np

from qm7bench.beyond.reaction_search import (
    MOST,
    MOST_OF_A_MOLECULE,
    SEED,
    Bonded,
    Reactions,
    hydrogenations,
    isodesmic_reactions,
)
from qm7bench.beyond.track import Column, Floats, Measured, NotApplicableError, Track, Value
from qm7bench.datasets.dataset import Dataset

FEWEST = 20
"""A mean over fewer reactions would say little."""
SHUFFLES = 10


class ReactionEnergies:
    """Reactions between the molecules of a data set.

    Parameters
    ----------
    dataset : Dataset

    Raises
    ------
    NotApplicableError
        If neither type has enough reactions.
    """

    def __init__(self, dataset: Dataset) -> None:
        molecules = Bonded.of(dataset)
        self.energies = dataset.energies
        self.left_out = len(dataset) - len(molecules.indices)
        self.by_type = {
            "isodesmic": isodesmic_reactions(molecules),
            "hydrogenation": hydrogenations(molecules),
        }
        numbers = {name: len(own.hydrogen) for name, own in self.by_type.items()}
        if max(numbers.values()) < FEWEST:
            raise NotApplicableError(
                f"Fewer than {FEWEST} reactions between the molecules of {dataset.name} were found."
            )

    def measure(self, predictions: Floats) -> Measured:
        """Errors of the reactions whose molecules all have a prediction."""
        errors = predictions - self.energies
        found: Measured = {"left_out": self.left_out}
        for name, reactions in self.by_type.items():
            values = _measured(reactions, self.energies, errors)
            found |= {f"{name}_{key}": value for key, value in values.items()}
        return found


def _measured(reactions: Reactions, energies: Floats, errors: Floats) -> dict[str, Value]:
    known = np.isfinite(reactions.differences(errors))
    own = Reactions(
        reactions.reactants[known], reactions.products[known], reactions.hydrogen[known]
    )
    number = int(known.sum())
    if number < FEWEST:
        missing: dict[str, Value] = dict.fromkeys(("mae", "median", "cancellation", "spread"))
        return {**missing, "reactions": number}
    sizes = np.abs(own.differences(errors))
    mae = float(sizes.mean())
    at_random = _shuffled_mae(own, errors)
    return {
        "mae": mae,
        "median": float(np.median(sizes)),
        "cancellation": mae / at_random if at_random > 0 else None,
        "spread": _spread(own.differences(energies), own.hydrogen),
        "reactions": number,
    }


def _shuffled_mae(reactions: Reactions, errors: Floats) -> float:
    """MAE of the reactions if each molecule in them had the error of any molecule in any of them.

    The mean over `SHUFFLES` permutations.
    """
    rng = np.random.default_rng(SEED)
    own = errors[reactions.molecules]
    signs = np.repeat([-1.0, 1.0], own.shape[1] // 2)
    shuffled = (rng.permutation(own.ravel()).reshape(own.shape) @ signs for _ in range(SHUFFLES))
    return float(np.mean([np.abs(differences).mean() for differences in shuffled]))


def _spread(differences: Floats, hydrogen: np.ndarray) -> float:
    """Standard deviation about the mean of the reactions with as much H2, whose energy cancels."""
    left = differences.copy()
    for number in np.unique(hydrogen):
        left[hydrogen == number] -= differences[hydrogen == number].mean()
    return float(np.sqrt(np.mean(left**2)))


def _columns(name: str, spread: str) -> tuple[Column, ...]:
    return (
        Column(
            f"{name}_mae",
            "kcal/mol",
            f"{name} MAE",
            "Mean absolute error of the reaction energies.",
        ),
        Column(
            f"{name}_median",
            "kcal/mol",
            f"{name} median",
            "Median absolute error of the reaction energies: single molecules that an entry fails "
            "on do not move it.",
        ),
        Column(
            f"{name}_cancellation",
            "",
            f"{name} cancellation",
            "MAE divided by that of the same reactions with the molecules' errors shuffled among "
            "them; below 1, errors of reactants and products cancel in part.",
            "{:.2f}",
        ),
        Column(f"{name}_spread", "kcal/mol", f"{name} standard deviation", spread, "{:.1f}"),
        Column(
            f"{name}_reactions",
            "",
            f"{name} reactions",
            "Reactions whose molecules all have a prediction.",
            "{:,.0f}",
        ),
    )


COLUMNS = (
    *_columns(
        "isodesmic",
        "Of the reference energies of these reactions: the root-mean-square error of predicting "
        "their mean.",
    ),
    *_columns(
        "hydrogenation",
        "The same about the mean of the hydrogenations with as many H2.",
    ),
    Column(
        "left_out",
        "",
        "",
        "Molecules of the data set whose bond orders are not certain.",
        "{:,.0f}",
    ),
)

TRACK = Track(
    name="reactions",
    title="Reactions",
    meaning=(
        "Reaction energies between molecules of the data set. Isodesmic reactions A + B → C + D "
        "keep the number of bonds of each kind (pair of elements and order, bonds to hydrogen "
        "too); hydrogenations A + n H2 → B keep the skeleton of heavy atoms, and H2's own energy "
        "cancels in the error. Bond orders follow from geometry and valences; molecules where they "
        "are uncertain (sulfoxides and sulfones, zwitterions, some azines) are left out. Of each "
        f"type at most {MOST:,} reactions are chosen, in the same way in every run, small and "
        "large molecules equally often where there are enough, each molecule "
        f"{MOST_OF_A_MOLECULE} times at most. Independent, normally distributed errors would give "
        "an MAE of 2 times that of the energies for isodesmic reactions, and of 1.41 times for "
        "hydrogenations; the columns cancellation compare with shuffled errors instead, which "
        "holds for any distribution. Small molecules, which models have seen few of, are more "
        "frequent here than among test molecules drawn at random."
    ),
    columns=COLUMNS,
    prepare=lambda dataset: ReactionEnergies(dataset).measure,
)
