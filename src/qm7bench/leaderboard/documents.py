"""Documents that hold leaderboards: what stands between two marks is replaced."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from qm7bench.errors import ArtefactError
from qm7bench.leaderboard import learning_curves
from qm7bench.leaderboard.external import ExternalEntry
from qm7bench.leaderboard.files import write_text
from qm7bench.leaderboard.markdown import best_to_markdown, to_markdown
from qm7bench.leaderboard.other_curves import beside_others
from qm7bench.leaderboard.reference_values import other_curves

LEADERBOARD = (
    "<!-- leaderboard: made by `make publish` -->",
    "<!-- end of leaderboard -->",
)
CURVES = (
    "<!-- learning curves: made by `make publish` -->",
    "<!-- end of learning curves -->",
)
OTHER_CURVES = (
    "<!-- learning curves beside others: made by `make publish` -->",
    "<!-- end of learning curves beside others -->",
)


def update_whole(
    path: Path,
    frame: pd.DataFrame,
    curves: Sequence[learning_curves.Record],
    external: Sequence[ExternalEntry] = (),
) -> None:
    """Put the whole leaderboard into a page, and learning curves where it has their marks."""
    text = replaced(_read(path), to_markdown(frame, external), LEADERBOARD, path)
    if curves and CURVES[0] in text:
        text = replaced(text, learning_curves.to_markdown(list(curves)), CURVES, path)
    if curves and OTHER_CURVES[0] in text:
        own = beside_others(list(curves), other_curves(curves[0]["dataset"]))
        text = replaced(text, own, OTHER_CURVES, path)
    write_text(path, text)


def update_best(
    path: Path, frame: pd.DataFrame, whole: Path, external: Sequence[ExternalEntry] = ()
) -> None:
    """Put the best entries into a page, with a link to the page that has them all."""
    link = Path(os.path.relpath(whole, path.parent)).as_posix()
    text = replaced(_read(path), best_to_markdown(frame, link, external), LEADERBOARD, path)
    write_text(path, text)


def _read(path: Path) -> str:
    if not path.is_file():
        raise ArtefactError(f"{path}: does not exist; give a page with the leaderboard's marks")
    return path.read_text(encoding="utf-8")


def replaced(text: str, table: str, marks: tuple[str, str], name: str | Path = "the page") -> str:
    """Return the text with the table between the marks.

    Raises
    ------
    ArtefactError
        If the text lacks the marks; the message begins with the name.
    """
    before, start, rest = text.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not start or not end:
        raise ArtefactError(f"{name}: lacks the marks {marks[0]} and {marks[1]}")
    return f"{before}{start}\n\n{table.strip()}\n\n{end}{after}"
