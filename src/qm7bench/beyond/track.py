"""What a test beyond the random fold is: its columns, and how it measures an entry.

A track is one module of this room that holds a `TRACK`. Its name is in `results_tree.TRACKS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.results_tree import ASKED_FOR, TRACKS
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import UserError

Floats = NDArray[np.float64]
Value = float | int | str | None
Measured = dict[str, Value]
"""What a track says of an entry: a value for each of its columns; None where there is none."""
Measure = Callable[[Floats], Measured]
"""Measures an entry by its predictions (n,) in kcal/mol, in the order of the data set's molecules.

They are NaN for molecules that the entry did not predict.
"""


class NotApplicableError(Exception):
    """A track says nothing about a data set; the message is a sentence that says why."""


@dataclass(frozen=True)
class Column:
    """One column of a track's table.

    Attributes
    ----------
    name : str
        In CSV and Parquet.
    unit : str
        Empty where it has none.
    title : str
        Heading where it is shown; empty for columns that only CSV and Parquet have.
    help : str
        One sentence on what it is.
    form : str
        How its values are written where they are shown.
    """

    name: str
    unit: str
    title: str
    help: str
    form: str = "{:.3f}"


@dataclass(frozen=True)
class Track:
    """One test beyond the random fold.

    Attributes
    ----------
    name : str
        Of its module.
    title : str
    meaning : str
        Paragraph on what it measures and how to read it.
    columns : tuple of Column
        Tables are sorted by the first, ascending.
    prepare : callable
        Computes once what depends on the data set only, and returns what measures an entry. Raises
        NotApplicableError for a data set that the track says nothing about.
    """

    name: str
    title: str
    meaning: str
    columns: tuple[Column, ...]
    prepare: Callable[[Dataset], Measure]


def load(name: str) -> Track:
    """Track of a name.

    Raises
    ------
    UserError
        If there is no such track.
    """
    if name not in (known := (*TRACKS, *ASKED_FOR)):
        raise UserError(f"unknown track {name!r}; known: {', '.join(known)}")
    track: Track = importlib.import_module(f"qm7bench.beyond.{name}").TRACK
    return track
