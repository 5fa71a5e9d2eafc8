"""Leaderboards inside documents: what stands between two marks is replaced."""

from __future__ import annotations

from qm7bench.errors import ArtefactError

LEADERBOARD = (
    "<!-- leaderboard: made by `make publish` -->",
    "<!-- end of leaderboard -->",
)
CURVES = (
    "<!-- learning curves: made by `make publish` -->",
    "<!-- end of learning curves -->",
)


def replaced(document: str, table: str, marks: tuple[str, str] = LEADERBOARD) -> str:
    """Return the document with the table between the marks.

    Raises
    ------
    ArtefactError
        If the document lacks the marks.
    """
    before, start, rest = document.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not start or not end:
        raise ArtefactError(f"the document lacks the marks {marks[0]} and {marks[1]}")
    return f"{before}{start}\n\n{table.strip()}\n\n{end}{after}"
