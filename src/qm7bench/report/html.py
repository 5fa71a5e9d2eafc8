"""The report's pages, drawn by Jinja2 from the files in `templates`; sections give the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from qm7bench.leaderboard.cells import Cell

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Section:
    """Section of the page.

    Attributes
    ----------
    anchor : str
        What a link to it ends in, and the name of its template, `sections/{anchor}.html`.
    title : str
    values : dict
        What its template shows.
    """

    anchor: str
    title: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Table with a heading for each column; a heading's hint says what the column means."""

    caption: str
    head: Sequence[Cell]
    body: Sequence[Sequence[Cell]]

    @property
    def columns(self) -> list[tuple[Cell, bool]]:
        """Heading of each column, and whether the column holds numbers."""
        numbers = [
            any(c.value is not None for c in column) for column in zip(*self.body, strict=True)
        ]
        return list(zip(self.head, numbers, strict=True))


@dataclass(frozen=True)
class Panel:
    """Figure with what it shows in words, under a small title if there is one."""

    image: Markup
    caption: str
    title: str = ""


def number(value: float | None, form: str = "{:.2f}", extra: str = "") -> Cell:
    """Cell of a number, empty where there is none."""
    return Cell("") if value is None else Cell(form.format(value) + extra, value)


def page(name: str, values: Mapping[str, Any]) -> str:
    """Draw the page of a template."""
    return environment().get_template(name).render(values)


@cache
def environment() -> Environment:
    """Jinja2's environment: text is escaped, and a value that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["source"] = _source
    made.filters["minus"] = minus
    made.filters["capitalized"] = capitalized
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return made


def _source(name: str) -> Markup:
    """Style sheet or script of `templates`, as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def minus(text: str) -> str:
    """Text with hyphens as minus signs."""
    return text.replace("-", "\u2212")


def capitalized(text: str) -> str:
    """Text whose first letter is a capital; the others stay."""
    return text[:1].upper() + text[1:]
