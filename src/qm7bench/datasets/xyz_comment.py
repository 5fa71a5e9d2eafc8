"""The comment line of a molecule in an XYZ file, as the `key=value` pairs of extended XYZ.

A line without any pair is plain text. Values may stand in quotes or brackets; blanks around `=` are
allowed. Values stay text here, so that an unused one that cannot be understood does no harm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from qm7bench.datasets.decimal_numbers import number_of
from qm7bench.datasets.text_file import shown
from qm7bench.errors import DataSetError

RESERVED = ("Lattice", "Properties", "pbc")
"""Keys with a meaning of their own, in capitals or not."""

SIMILAR = 0.85
"""Likeness, from 0 to 1, above which an unknown key is a misspelt reserved one."""

_BLANKS = re.compile(r"\s*")
_QUOTED = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
_KEY = re.compile(rf"(?:{_QUOTED})(?=\s*=)|[^\s=]+|=")
_VALUE = re.compile(
    rf"{_QUOTED}|\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}|\[(?:[^\[\]]|\[[^\[\]]*\])*\]|[^\s\"'\[{{]\S*"
)
_UNMARKED = re.compile(r"\b(Lattice|Properties|pbc)\s*:?\s*(?=[\"'\[{]|species:)")


@dataclass(frozen=True)
class Comment:
    """What a comment line says.

    Attributes
    ----------
    pairs : dict
        Value of each key as text, without quotes; None where it is missing.
    repeated : set of str
        Keys that have several values.
    words : list of str
        Words that are no part of a pair.
    """

    pairs: dict[str, str | None]
    repeated: set[str]
    words: list[str]

    @property
    def keys(self) -> str:
        """Keys with a value, for messages."""
        return ", ".join(shown(key) for key, value in self.pairs.items() if value) or "none"

    def has(self, key: str) -> bool:
        """Whether the key occurs, with a value or without."""
        return key in self.pairs or key in self.words

    def value(self, key: str) -> str:
        """Text of a key's value.

        Raises
        ------
        DataSetError
            If the key is missing, has no value or several; the message does not say where.
        """
        if key in self.repeated:
            raise DataSetError(f"the key {key!r} has several values; leave one")
        value = self.pairs.get(key)
        if value:
            return value
        if key in self.pairs:
            raise DataSetError(f"the key {key!r} has no value; write {key}=VALUE")
        if key in self.words:
            after = " ".join(self.words[self.words.index(key) :][:2])
            raise DataSetError(
                f"the key {key!r} has no value: the comment line has {shown(after)!r} without '='; "
                f"write {key}=VALUE"
            )
        raise DataSetError(f"no key {key!r} in the comment line; keys found: {self.keys}")

    def number(self, key: str) -> float:
        """Value of a key that must be a number; booleans are not.

        Raises
        ------
        DataSetError
            If it is not.
        """
        text = self.value(key)
        number = number_of(text[:-1] if text.endswith((",", ";")) else text)
        if number is None or not math.isfinite(number):
            raise DataSetError(f"{key}={shown(text)} is not a finite number")
        return number

    def reserved(self, name: str) -> str | None:
        """Value of a reserved key, or None if the line has no such key."""
        found = [key for key in [*self.pairs, *self.repeated] if key.lower() == name.lower()]
        if not found:
            if self.pairs and name in self.words:
                return self.value(name)
            return None
        if len(set(found)) > 1:
            raise DataSetError(f"the key {name!r} has several values; leave one")
        return self.value(found[0])


def parse_comment(line: str) -> Comment:
    """Parse a comment line.

    Raises
    ------
    DataSetError
        If a quote or bracket is not closed, a reserved key is misspelt or is not followed by `=`.
        The message does not say where.
    """
    if "=" not in line:
        unmarked = _UNMARKED.search(line)
        if unmarked:
            raise DataSetError(f"the key {unmarked[1]!r} is not followed by '='")
        return Comment({}, set(), line.split())
    pairs: dict[str, str | None] = {}
    repeated = set()
    words = []
    for key, value, is_pair in _tokens(line):
        if not is_pair:
            words.append(key)
            continue
        if key in pairs:
            repeated.add(key)
        pairs[key] = value
    for key in pairs:
        _refuse_misspelt(key)
    return Comment(pairs, repeated, words)


def _tokens(line: str) -> Iterator[tuple[str, str | None, bool]]:
    """Keys with values and words with None, in order; True marks a pair."""
    place = _after_blanks(line, 0)
    while place < len(line):
        key = _KEY.match(line, place)
        assert key is not None  # every character but a blank begins a word
        after = _after_blanks(line, key.end())
        if key[0] == "=" or not line.startswith("=", after):
            yield key[0], None, False
            place = after
            continue
        value, place = _value(line, after + 1)
        yield _unquoted(key[0]), value, True


def _value(line: str, place: int) -> tuple[str | None, int]:
    """Value that begins at a place, None if it is missing, and where the next token begins."""
    start = _after_blanks(line, place)
    if start == len(line):
        return None, start
    found = _VALUE.match(line, start)
    if found is None:
        raise DataSetError(f"{shown(line[start:], 20)!r} opens a quote or bracket and never closes")
    text, end = found[0], found.end()
    if text[0] in "\"'[{":
        if end < len(line) and not line[end].isspace() and line[end] not in ",;":
            raise DataSetError(f"no blank after the value {shown(text, 20)}")
        return _unquoted(text), _after_blanks(line, end)
    next_token = _after_blanks(line, end)
    belongs_to_another = "=" in text or line.startswith("=", next_token)
    if start > place and belongs_to_another:
        return None, start
    return text, next_token


def _after_blanks(line: str, place: int) -> int:
    blanks = _BLANKS.match(line, place)
    return place if blanks is None else blanks.end()


def _unquoted(text: str) -> str:
    if text[0] in "\"'" and text[-1] == text[0] and len(text) > 1:
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text.strip("{}[]") if text[0] in "{[" else text


@lru_cache(maxsize=1024)
def _refuse_misspelt(key: str) -> None:
    for name in RESERVED[:2]:
        likeness = SequenceMatcher(None, key.lower(), name.lower()).ratio()
        if SIMILAR < likeness < 1:
            raise DataSetError(f"unknown key {shown(key)!r}; did you mean {name!r}?")
