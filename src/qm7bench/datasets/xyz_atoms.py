"""Elements and positions from the lines of a molecule's atoms."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import CHARGES, SYMBOLS
from qm7bench.datasets.decimal_numbers import NUMBER, number_of
from qm7bench.datasets.text_file import shown
from qm7bench.datasets.xyz_frames import Frame
from qm7bench.errors import DataSetError

HEAVY_HYDROGEN = ("D", "T")
DUMMY_ATOMS = ("X", "Xx", "XX", "Q", "Du", "DU", "Bq", "BQ", "Gh", "LP", "Lp")
FARTHEST = 1e5
"""Coordinates beyond this (in Angstrom) are an error of the file."""

PLAIN_LAYOUT = "species:S:1:pos:R:3"
ALLOWED_SYMBOLS = "give an element's symbol, such as C or Cl, or its atomic number"

_FOUR_COLUMNS = re.compile(rf"\s*(\S+)\s+({NUMBER})\s+({NUMBER})\s+({NUMBER})\s*")
_ATOMIC_NUMBER = re.compile(r"[0-9]{1,3}")
_PROPERTY = re.compile(r"([^:]+):([RISL]):([1-9][0-9]{0,3})")


@dataclass(frozen=True)
class Atoms:
    """Atoms of one molecule.

    Attributes
    ----------
    charges : int64 array of shape (a,)
    positions : float64 array of shape (a, 3)
        In Angstrom.
    numbered : bool
        Whether the first column holds numbers where symbols are expected.
    heavy_hydrogen : bool
        Whether deuterium or tritium was read as hydrogen.
    """

    charges: NDArray[np.int64]
    positions: NDArray[np.float64]
    numbered: bool
    heavy_hydrogen: bool


@dataclass(frozen=True)
class _Layout:
    """Columns of symbol (or atomic number) and x, and how many there are (None: four or more)."""

    species: int
    x: int
    columns: int | None
    atomic_numbers: bool = False


_PLAIN = _Layout(0, 1, None)
_FOUR = _Layout(0, 1, 4)


def atoms_of(frame: Frame, properties: str | None) -> Atoms:
    """Read a molecule's atoms.

    Parameters
    ----------
    properties : str, optional
        Columns as extended XYZ names them; by default symbol, x, y, z and any that follow.

    Raises
    ------
    DataSetError
        If the columns are not those, an element is unknown or a coordinate is not a number.
    """
    layout = _PLAIN if properties is None else _layout(frame, properties)
    read = _four_columns(frame) if layout in (_PLAIN, _FOUR) else None
    symbols, positions = read or _columns(frame, layout)
    numbered = all(_ATOMIC_NUMBER.fullmatch(symbol) for symbol in symbols)
    return Atoms(
        np.array([_charge(frame, i, s, numbered) for i, s in enumerate(symbols)], dtype=np.int64),
        positions,
        numbered and not layout.atomic_numbers,
        any(symbol in HEAVY_HYDROGEN for symbol in symbols),
    )


def _four_columns(frame: Frame) -> tuple[list[str], NDArray[np.float64]] | None:
    """Symbols and positions where every line has just these; None if one needs a closer look."""
    matches = [_FOUR_COLUMNS.fullmatch(line) for line in frame.atoms]
    if not all(matches):
        return None
    words = [match.groups() for match in matches if match is not None]
    positions = np.array([[float(x), float(y), float(z)] for _, x, y, z in words])
    return None if np.abs(positions).max() > FARTHEST else ([w[0] for w in words], positions)


def _columns(frame: Frame, layout: _Layout) -> tuple[list[str], NDArray[np.float64]]:
    """Symbols and positions, with an error for the first line that is not as it must be."""
    words = [_checked(frame, i, line, layout) for i, line in enumerate(frame.atoms)]
    values = [
        [_coordinate(frame, i, word) for word in line[layout.x : layout.x + 3]]
        for i, line in enumerate(words)
    ]
    if layout == _PLAIN:
        _refuse_shifted_columns(frame, words)
        _refuse_counted_atoms(frame, words)
    return [line[layout.species] for line in words], np.array(values, dtype=np.float64)


def _layout(frame: Frame, properties: str) -> _Layout:
    columns: dict[str, tuple[int, int]] = {}
    width = 0
    fields = [":".join(p) for p in zip(*[iter(properties.split(":"))] * 3, strict=False)]
    parsed = [_PROPERTY.fullmatch(field) for field in fields]
    if len(properties.split(":")) % 3 or not all(parsed):
        raise DataSetError(
            f"{frame.comment_place}: Properties={shown(properties)} is not a list of "
            f"name:type:columns with types R, I, S or L, such as {PLAIN_LAYOUT}"
        )
    for match in parsed:
        assert match is not None
        columns[match[1]] = (width, int(match[3]))
        width += int(match[3])
    by_number = "species" not in columns
    species = columns.get("Z" if by_number else "species", (0, 0))
    if species[1] != 1 or columns.get("pos", (0, 0))[1] != 3:
        raise DataSetError(
            f"{frame.comment_place}: Properties={shown(properties)} lacks a column for the element "
            f"(species:S:1 or Z:I:1) or three for the position (pos:R:3); {PLAIN_LAYOUT} has them"
        )
    return _Layout(species[0], columns["pos"][0], width, by_number)


def _checked(frame: Frame, atom: int, line: str, layout: _Layout) -> list[str]:
    words = line.split()
    if layout.columns is None and len(words) >= 4:
        return words
    if layout.columns is not None and len(words) == layout.columns:
        return words
    wanted = (
        "an element and three coordinates"
        if layout.columns is None
        else f"the {layout.columns} columns of Properties"
    )
    raise DataSetError(
        f"{frame.atom_place(atom)}: expected {wanted} for atom {atom} of {len(frame.atoms)}, found "
        f"{shown(line)!r}; does the number of atoms in line {frame.line} fit?"
    )


def _refuse_shifted_columns(frame: Frame, words: list[list[str]]) -> None:
    """Refuse a plain molecule whose lines have different numbers of leading numbers."""
    numbers = [_leading_numbers(line[1:]) for line in words]
    usual = max(set(numbers), key=numbers.count)
    for i, found in enumerate(numbers):
        if found != usual:
            raise DataSetError(
                f"{frame.atom_place(i)}: {found} numbers after the element, in other lines of the "
                f"molecule {usual}; found {shown(' '.join(words[i]))!r}"
            )


def _refuse_counted_atoms(frame: Frame, words: list[list[str]]) -> None:
    """Refuse more than four columns of which the second counts the atoms."""
    second = [line[1] for line in words]
    counted = [[str(i + first) for i in range(len(words))] for first in (0, 1)]
    if len(words) > 1 and len(words[0]) > 4 and second in counted:
        raise DataSetError(
            f"{frame.place()}: the second column counts the atoms; coordinates must follow the "
            "element, or name the columns in the comment line, such as "
            "Properties=species:S:1:number:I:1:pos:R:3"
        )


def _leading_numbers(words: list[str]) -> int:
    for i, word in enumerate(words):
        if number_of(word) is None:
            return i
    return len(words)


def _charge(frame: Frame, atom: int, symbol: str, numbered: bool) -> int:
    charge = CHARGES.get(symbol)
    if charge is not None:
        return charge
    where = frame.atom_place(atom)
    if symbol in HEAVY_HYDROGEN:
        return 1
    if numbered and 0 < int(symbol) < len(SYMBOLS):
        return int(symbol)
    if symbol in DUMMY_ATOMS or (numbered and int(symbol) == 0):
        raise DataSetError(
            f"{where}: {symbol!r} is a dummy atom, not an element; remove its line and lower the "
            f"number of atoms in line {frame.line}"
        )
    if _ATOMIC_NUMBER.fullmatch(symbol) and not numbered:
        raise DataSetError(
            f"{where}: the atomic number {symbol} among symbols; give all elements of a molecule "
            "in one way"
        )
    likely = symbol.capitalize()
    if symbol.islower() and likely in CHARGES:
        return CHARGES[likely]
    if likely in CHARGES:
        raise DataSetError(
            f"{where}: unknown element {symbol!r}; if it is {likely}, write {likely}"
        )
    raise DataSetError(f"{where}: unknown element {shown(symbol)!r}; {ALLOWED_SYMBOLS}")


def _coordinate(frame: Frame, atom: int, word: str) -> float:
    value = number_of(word)
    if value is None:
        raise DataSetError(
            f"{frame.atom_place(atom)}: the coordinate {shown(word)!r} is not a number; "
            + ("use a decimal point" if "," in word else "give numbers in Angstrom")
        )
    if abs(value) > FARTHEST:
        raise DataSetError(
            f"{frame.atom_place(atom)}: the coordinate {shown(word)} is too large; at most "
            f"{FARTHEST:g} Angstrom are allowed"
        )
    return value
