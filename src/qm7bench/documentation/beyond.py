"""Published tables of the tests beyond the random fold, for docs/beyond.md."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from qm7bench.artefacts.results_tree import PUBLISHED, PublishedFiles, filled
from qm7bench.beyond.markdown import best_to_markdown, columns_to_markdown
from qm7bench.beyond.table import read_beyond_table
from qm7bench.beyond.track import load
from qm7bench.leaderboard.documents import replaced
from qm7bench.leaderboard.markdown import table

START = re.compile(r"<!-- beyond: (\w+) (\w+), made by `qm7bench document` -->")
COLUMNS = "columns"
"""Stands in a mark for the data set where the meaning of a track's columns is to be written."""


def beyond_page(text: str, repository: Path) -> str:
    """Text of the page with what each of its marks asks for.

    `<!-- beyond: qm7 isomers, made by ... -->` is followed by that data set's table of the track,
    and `<!-- end of qm7 isomers -->`; `columns` in place of the data set by what its columns mean.
    """
    for mark in START.finditer(text):
        dataset, track = mark.groups()
        end = f"<!-- end of {dataset} {track} -->"
        content = _content(dataset, track, repository)
        text = replaced(text, content, (mark[0], end), "docs/beyond.md")
    return text


def _content(dataset: str, track: str, repository: Path) -> str:
    if dataset == COLUMNS:
        return columns_to_markdown(load(track))
    files = PublishedFiles(repository / filled(PUBLISHED.folder, dataset=dataset))
    if track == "size":
        return size_table(files)
    return best_to_markdown(read_beyond_table(files.beyond(track), load(track)))


def size_table(files: PublishedFiles) -> str:
    """Entries that are tested on the largest molecules after training on all others."""
    largest = _lines(files.size.summary)
    random = {(line["feature"], line["model"]): line for line in _lines(files.summary)}
    body = []
    for line in largest:
        own = random.get((line["feature"], line["model"]))
        errors = [line["mae"], line["rmse"], own["mae"] if own else ""]
        numbers = [f"{float(error):.3f}" if error else "" for error in errors]
        body.append([line["feature"], line["model"], *numbers])
    head = ["feature", "model", "MAE, largest molecules", "RMSE", "MAE, random folds"]
    return "\n".join(table(head, body))


def _lines(summary: Path) -> list[dict[str, str]]:
    with summary.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
