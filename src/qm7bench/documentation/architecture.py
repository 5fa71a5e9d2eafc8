"""The table and the drawing of the package's rooms, for docs/architecture.md."""

from __future__ import annotations

from qm7bench.documentation.architecture_figure import drawing
from qm7bench.documentation.imports import arrows, lines, without_implied
from qm7bench.documentation.rooms import ANYWHERE, LOOSE, ROOMS

DRAWN = [*list(ROOMS)[:-1], "prediction", "commands"]
"""What the drawing shows: the rooms, and the one loose module that other rooms import."""


def rooms_table() -> str:
    """Markdown: every room and loose module, its lines, its purpose and what it imports.

    Lines are rounded to hundreds, so that the page does not change with every edit.
    """
    imported, length = arrows(), lines()
    table = ["| room | lines | what it is for | imports |", "|---|---|---|---|"]
    for name, room in (ROOMS | LOOSE).items():
        shown = ", ".join(sorted(imported.get(name, set()) - ANYWHERE)) or "nothing"
        number = f"{round(length.get(name, 0), -2) or '< 50'}"
        table.append(f"| `{name}` | {number} | {room.purpose} | {shown} |")
    return "\n".join(table)


def rooms_drawing() -> str:
    """SVG of the imports; an arrow is left out where a way of several arrows implies it."""
    imported = arrows()
    return drawing(without_implied({n: imported.get(n, set()) & set(DRAWN) for n in DRAWN}))
