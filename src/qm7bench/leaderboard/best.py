"""The best entries of each track as a short table: what README and terminal begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from qm7bench.leaderboard.cells import Record
from qm7bench.leaderboard.columns import BRIEF, most_folds, track_title, tracks

MOST = 10
MOST_OF_SEPARATE_TRACKS = 3
INCOMPLETE = "*"
"""Marks entries that lack test folds which others have."""


@dataclass(frozen=True)
class ShortTable:
    """Best entries of one track.

    Attributes
    ----------
    title : str
        Heading; empty for the main track.
    entries : list of dict
        Their lines of the leaderboard, the best first.
    number : int
        How many entries the track has.
    """

    title: str
    entries: list[Record]
    number: int

    def lines(self) -> list[list[str]]:
        """Cells of each entry: place, feature, model with its marks, and the brief columns."""
        return [
            [
                str(place),
                r["feature"],
                r["model"] + _mark(r),
                *(c.brief(r) for c in BRIEF if c.brief),
            ]
            for place, r in enumerate(self.entries, start=1)
        ]


def short_tables(frame: pd.DataFrame) -> list[ShortTable]:
    """Ten best entries of the main track, and three of each separate one."""
    return [
        ShortTable(track_title(extra), own[: MOST_OF_SEPARATE_TRACKS if extra else MOST], len(own))
        for extra, own in tracks(frame)
    ]


def _mark(record: Record) -> str:
    return f" {INCOMPLETE}" if record["incomplete"] else ""


def incomplete(entries: Sequence[Record]) -> str:
    """What the mark of incomplete entries says; empty if none has it."""
    told = [f"{r['feature']}/{r['model']}{r['named_folds']}" for r in entries if r["incomplete"]]
    return f"{INCOMPLETE} tested on some of the folds only: {', '.join(told)}." if told else ""


def reading_guide(frame: pd.DataFrame) -> list[str]:
    """How to read a short table: sentences."""
    return [
        f"Errors in kcal/mol: mean over test folds {most_folds(frame)} ± standard deviation over "
        "folds. Hyper-parameters are chosen inside the training folds (nested).",
        "Best on test (optimistic): the error that choosing them on the test folds would claim; "
        "empty where nothing is chosen.",
        "CPU time: all folds and the selection.",
    ]
