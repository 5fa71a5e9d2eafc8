"""The molecules of an XYZ file as lines: a number of atoms, a comment line, a line for each atom.

Blank lines may stand between molecules. Raw files of QM9 have three more lines after the atoms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qm7bench.chemistry.elements import CHARGES
from qm7bench.datasets.decimal_numbers import NUMBER
from qm7bench.datasets.line_notations import needs_a_geometry, notation_of
from qm7bench.datasets.text_file import TextFile, shown
from qm7bench.errors import DataSetError, counted

RAW_QM9 = re.compile(r"gdb\s+[0-9]+\s")
LINES_AFTER_RAW_QM9 = 3
"""Frequencies, SMILES and InChI."""

FIXED_DECIMALS = 4
"""Decimals from which on a column in which all numbers have as many is taken as written so."""

_COUNT = re.compile(r"\s*[0-9]{1,9}\s*")
_ATOM = re.compile(rf"\s*([A-Z][a-z]?)(?:\s+{NUMBER}){{3}}(?:\s.*)?")


@dataclass(frozen=True)
class Frame:
    """Lines of one molecule.

    Attributes
    ----------
    source : str
        The file, as messages show it.
    number : int
        Place of the molecule in the file, from 0.
    line : int
        Line of the number of atoms, from 1.
    comment : str
    atoms : list of str
    """

    source: str
    number: int
    line: int
    comment: str
    atoms: list[str]

    def place(self, line: int | None = None) -> str:
        """File, molecule and line for a message; the molecule's first line by default."""
        return f"{self.source}: molecule {self.number} (line {line or self.line})"

    @property
    def comment_place(self) -> str:
        """The same with the line of the comment."""
        return self.place(self.line + 1)

    def atom_place(self, atom: int) -> str:
        """The same with the line of an atom, numbered from 0."""
        return self.place(self.line + 2 + atom)


def frames_of(text: TextFile) -> list[Frame]:
    """Split a file into molecules; every line belongs to one or is blank between two.

    Raises
    ------
    DataSetError
        If a line is not what must stand there, or the file ends inside a molecule.
    """
    frames = list(_frames(text))
    if not frames:
        raise DataSetError(
            f"{text.source}: no molecules in it: the file is "
            f"{'blank' if text.lines else 'empty'}; give molecules as XYZ"
        )
    if not text.complete and len(text.lines) == frames[-1].line + 1 + len(frames[-1].atoms):
        _refuse_cut_off(frames[-1])
    return frames


def _frames(text: TextFile) -> Iterator[Frame]:
    lines = text.lines
    start, number = 0, 0
    while start < len(lines):
        if not lines[start] or lines[start].isspace():
            start += 1
            continue
        size = _size(text, start, number)
        end = start + 2 + size
        comment = "".join(lines[start + 1 : start + 2])
        frame = Frame(text.source, number, start + 1, comment, lines[start + 2 : end])
        _check_comment(frame)
        if end > len(lines):
            raise DataSetError(
                f"{frame.place()}: the file ends inside the molecule: line {start + 1} announces "
                f"{counted(size, 'atom')}; after the comment line the file has "
                f"{counted(len(frame.atoms), 'line')}"
            )
        yield frame
        start = end + _lines_after(frame, lines[end : end + LINES_AFTER_RAW_QM9])
        number += 1


def _size(text: TextFile, start: int, number: int) -> int:
    line = text.lines[start]
    where = f"{text.source}: molecule {number} (line {start + 1})"
    if not _COUNT.fullmatch(line):
        notation = notation_of(line.split()[0])
        if notation and not number and not _ATOM.fullmatch(line):
            raise needs_a_geometry(text.source, notation, is_file=True)
        before = f" after molecule {number - 1}" if number else ""
        raise DataSetError(
            f"{where}: expected the number of atoms of a molecule{before}, found {shown(line)!r}"
            + ("; do the numbers of atoms fit the lines?" if number else "; is the file XYZ?")
        )
    if int(line) == 0:
        raise DataSetError(f"{where}: a molecule without atoms; leave it out")
    return int(line)


def _check_comment(frame: Frame) -> None:
    atom = _ATOM.fullmatch(frame.comment)
    if atom and atom[1] in CHARGES:
        raise DataSetError(
            f"{frame.comment_place}: expected the comment line, found the atom "
            f"{shown(frame.comment)!r}; the line after the number of atoms is a comment, even blank"
        )


def _lines_after(frame: Frame, following: list[str]) -> int:
    """Number of lines that follow the atoms of a raw file of QM9."""
    raw = RAW_QM9.match(frame.comment) and following[-1:] and following[-1].startswith("InChI=")
    return len(following) if raw else 0


def _refuse_cut_off(frame: Frame) -> None:
    """Refuse a last line without line end whose last number is shorter than all of its column."""
    *others, last = [_decimals(line) for line in frame.atoms]
    usual = others[0] if others else 0
    if usual >= FIXED_DECIMALS and set(others) == {usual} and last < usual:
        raise DataSetError(
            f"{frame.atom_place(len(others))}: the file seems cut off: no line end, and the last "
            f"number has {last} decimals where the others have {usual}; copy it again, or end the "
            "line"
        )


def _decimals(line: str) -> int:
    """Number of decimals of a line's last word, 0 if it has none."""
    words = line.split()
    return len(words[-1].partition(".")[2]) if words else 0
