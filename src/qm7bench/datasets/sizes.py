"""How much each data set holds, known or counted without loading it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qm7bench.chemistry.elements import CHARGES
from qm7bench.chemistry.size import Size
from qm7bench.datasets.text_file import read_text_file
from qm7bench.datasets.xyz_frames import frames_of
from qm7bench.errors import DataSetError

QM7 = Size(
    molecules=7165,
    largest=23,
    pairs=1_760_216,
    atoms={1: 61_959, 6: 35_761, 7: 6_655, 8: 5_978, 16: 297},
    most={1: 16, 6: 7, 7: 3, 8: 3, 16: 1},
)
QM9SMALL = Size(
    molecules=3921,
    largest=23,
    pairs=817_830,
    atoms={1: 29_085, 6: 18_457, 7: 3_455, 8: 4_419, 9: 82},
    most={1: 16, 6: 7, 7: 6, 8: 4, 9: 4},
)
QM9LARGE = Size(
    molecules=126_910,
    largest=29,
    pairs=42_858_326,
    atoms={1: 1_179_401, 6: 813_468, 7: 129_043, 8: 178_846, 9: 2_954},
    most={1: 20, 6: 9, 7: 7, 8: 5, 9: 6},
)
QM9 = Size(
    molecules=130_831,
    largest=29,
    pairs=43_676_156,
    atoms={1: 1_208_486, 6: 831_925, 7: 132_498, 8: 183_265, 9: 3_036},
    most={1: 20, 6: 9, 7: 7, 8: 5, 9: 6},
)
QM9_BY_SIZE = Size(
    molecules=24_800,
    largest=27,
    pairs=6_865_493,
    atoms={1: 209_478, 6: 140_071, 7: 23_938, 8: 31_856, 9: 580},
    most={1: 18, 6: 9, 7: 7, 8: 4, 9: 6},
)
BUILT_IN = {
    "qm7": QM7,
    "qm9small": QM9SMALL,
    "qm9large": QM9LARGE,
    "qm9": QM9,
    "qm7_by_size": QM7,
    "qm9_by_size": QM9_BY_SIZE,
    "auto": QM7,
}
"""`auto` counts as the larger of the data sets that it may stand for."""

OTHER = 0
"""Stands for what is not an element's symbol, whose meaning only the whole reader finds out."""


def size_of(name: str, settings: dict[str, Any]) -> Size | None:
    """Size of a data set; None where it cannot be told, whose reader then says why.

    Parameters
    ----------
    settings : dict
        Those of a user's own data set.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    try:
        return Size.of(_molecules(Path(settings["file"]))) if "file" in settings else None
    except DataSetError:
        return None


def _molecules(file: Path) -> Iterator[list[int]]:
    """Nuclear charges of each molecule of an XYZ file, whose atoms begin with their symbols."""
    for frame in frames_of(read_text_file(file)):
        yield [CHARGES.get(line.split(maxsplit=1)[0], OTHER) for line in frame.atoms if line]
