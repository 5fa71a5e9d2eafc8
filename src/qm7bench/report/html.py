"""Pieces of HTML: sections, figures, tables, and the page around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

LONG = 14
"""Texts with more letters get a column wide enough to read them."""
TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Cell:
    """Cell of a table: its text, the number it is sorted by, and a longer text to hover over."""

    text: str
    value: float | None = None
    hint: str = ""


def minus(text: str) -> str:
    """Text with hyphens as minus signs."""
    return text.replace("-", "\u2212")


def number(value: float | None, form: str = "{:.2f}", extra: str = "") -> Cell:
    """Cell of a number, empty where there is none."""
    return Cell("") if value is None else Cell(form.format(value) + extra, value)


def section(anchor: str, title: str, *parts: str) -> str:
    """Section of the page with an anchor for the list of contents."""
    return (
        f'<section id="{anchor}">\n<h2>{escape(title)}</h2>\n' + "\n".join(parts) + "\n</section>"
    )


def paragraph(*sentences: str) -> str:
    """Paragraph of plain text."""
    return f"<p>{escape(' '.join(s for s in sentences if s))}</p>"


def figure(image: str, caption: str, title: str = "") -> str:
    """Figure with what it shows in words, under a small title if there is one."""
    head = f"<h3>{escape(title)}</h3>" if title else ""
    return f"<figure>{head}{image}<figcaption>{escape(caption)}</figcaption></figure>"


def columns(figures: Sequence[str], kind: str = "two") -> str:
    """Figures beside each other where the screen is wide: two, three, or cards."""
    return f'<div class="{kind}">' + "\n".join(figures) + "</div>"


def table(
    head: Sequence[Cell], rows: Sequence[Sequence[Cell]], sortable: bool = False, caption: str = ""
) -> str:
    """Table in a box of its own that scrolls sideways where the screen is narrow.

    Parameters
    ----------
    head : sequence of Cell
        Names of the columns; their hint says what they mean.
    sortable : bool
        Whether a click on a column's name sorts by it.
    """
    lines = [f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">']
    lines.append('<table class="sortable">' if sortable else "<table>")
    if caption:
        lines.append(f"<caption>{escape(caption)}</caption>")
    lines.append("<thead><tr>" + "".join(_heading(c, sortable) for c in head) + "</tr></thead>")
    lines.append("<tbody>")
    lines += ["<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows]
    return "\n".join([*lines, "</tbody></table></div>"])


def _heading(cell: Cell, sortable: bool) -> str:
    name = f'<button type="button">{escape(cell.text)}</button>' if sortable else escape(cell.text)
    return f'<th scope="col"{_hint(cell)}>{name}</th>'


def _cell(cell: Cell) -> str:
    kind = ' class="name"' if len(cell.text) > LONG else ""
    if cell.value is not None:
        kind = f' class="number" data-value="{cell.value:.9g}"'
    return f"<td{kind}{_hint(cell)}>{escape(cell.text)}</td>"


def _hint(cell: Cell) -> str:
    return f' title="{escape(cell.hint)}"' if cell.hint else ""


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """List of names and what they are."""
    lines = [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs]
    return '<dl class="facts">' + "\n".join(lines) + "</dl>"


def notes(lines: Sequence[str], kind: str = "notes") -> str:
    """Bulleted list of plain sentences."""
    return f'<ul class="{kind}">' + "\n".join(f"<li>{escape(x)}</li>" for x in lines) + "</ul>"


def template(name: str) -> str:
    """Text of a file in `templates`."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def page(name: str, values: dict[str, str]) -> str:
    """Fill a template's marks `<!--key-->`; marks `/*file*/` are replaced by that template."""
    text = template(name)
    for included in (
        "shared.css",
        "report.css",
        "report.js",
        "explore.css",
        "explore.js",
        "viewer.js",
    ):
        mark = f"/*{included}*/"
        if mark in text:
            text = text.replace(mark, template(included))
    for key, value in values.items():
        text = text.replace(f"<!--{key}-->", value)
    return text
