"""Paired tests between entries of one track, corrected for their number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qm7bench.evaluation.comparison import paired_difference
from qm7bench.evaluation.comparison import q_values as corrected


@dataclass(frozen=True)
class Errors:
    """Errors of one entry: prediction - reference energy in kcal/mol, by molecule."""

    ids: NDArray[np.int64]
    errors: NDArray[np.float64]

    def against(self, other: Errors) -> tuple[float, float]:
        """Mean difference of absolute errors, and p; NaN where they share too few molecules."""
        found = paired_difference(self.ids, self.errors, other.ids, other.errors)
        return found.difference, found.p_value


def compared(frame: pd.DataFrame, errors: list[Errors]) -> pd.DataFrame:
    """Differences to the best entry of each track and to the entry above, with p- and q-values.

    Parameters
    ----------
    frame : DataFrame
        Entries in the order of the leaderboard, with `extra_data` (the track) and `folds`.
    errors : list of Errors
        Of each entry, in the same order.

    Returns
    -------
    DataFrame
        One line for each entry. The best entry of a track, the first of those with most test
        folds (one of a single fold is no yardstick), has a difference of zero and no p-value.
    """
    lines = []
    best, above = _best(frame), _above(frame)
    for place, own in enumerate(errors):
        to_best = own.against(errors[best[place]]) if best[place] != place else (0.0, np.nan)
        to_above = own.against(errors[above[place]]) if above[place] >= 0 else (np.nan, np.nan)
        lines.append((*to_best, *to_above))
    names = ["difference_to_best", "p_value", "difference_to_above", "p_value_above"]
    found = pd.DataFrame(lines, columns=names, dtype=float)
    by_track = found.groupby(frame["extra_data"].to_numpy())
    found["q_value"] = by_track["p_value"].transform(q_values)
    found["q_value_above"] = by_track["p_value_above"].transform(q_values)
    return found


def _best(frame: pd.DataFrame) -> list[int]:
    """Place of the best entry of each entry's track."""
    number = pd.Series([len(str(folds).split()) for folds in frame["folds"]])
    best = number.groupby(frame["extra_data"].to_numpy()).transform("idxmax")
    return [int(place) for place in best]


def _above(frame: pd.DataFrame) -> list[int]:
    """Place of the entry above in the same track, -1 where there is none."""
    places = pd.Series(range(len(frame)))
    above = places.groupby(frame["extra_data"].to_numpy()).shift(fill_value=-1)
    return [int(place) for place in above]


def q_values(p_values: pd.Series) -> pd.Series:
    """p-values corrected for their number: see `evaluation.comparison.q_values`."""
    return pd.Series(corrected(p_values.to_numpy(dtype=float)), p_values.index)
