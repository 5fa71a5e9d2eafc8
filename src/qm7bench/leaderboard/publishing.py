"""The published table: rows from any number of runs, kept in the repository.

`rows/{feature}.{model}.json` holds what is known of a row, `predictions/{feature}.{model}.parquet`
its predictions (id, fold, prediction under the nested protocol, but no energies, which are the data
set's), and `summary.csv` is made anew from all of them.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from qm7bench.artefacts.artefact import atomic_path, read_json, write_json
from qm7bench.artefacts.parquet import read_table, write_table
from qm7bench.artefacts.results_tree import PublishedFiles, is_quick
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard import learning_curves
from qm7bench.leaderboard.markdown import to_csv
from qm7bench.leaderboard.merging import PublishedRow, merged_row
from qm7bench.leaderboard.summary import RowResult, Selection, summarize

START = "<!-- leaderboard: made by `make publish` -->"
END = "<!-- end of leaderboard -->"
CURVES = (
    "<!-- learning curves: made by `make publish` -->",
    "<!-- end of learning curves -->",
)
KNOWN = ("feature", "model", "metrics", "optimistic", "edges", "selection_cost")
"""What a row's file holds of its `RowResult`."""


def publish_row(folder: Path, published: Path) -> tuple[RowResult, list[str]]:
    """Publish a row's finished folds from its folder `models/{feature}/{model}`.

    Published folds that the folder lacks stay, if the same settings made them.

    Returns
    -------
    result : RowResult
        The row as it is published now.
    lines : list of str
        What of it was left out, and why.
    """
    name, files = (folder.parent.name, folder.name), PublishedFiles(published)
    path = files.entry(*name)
    row, lines = merged_row(folder, _read_row(path) if path.is_file() else None)
    write_table(files.predictions(*name), row.result.predictions)
    known = {key: getattr(row.result, key) for key in KNOWN}
    if len(row.selections) > 1:
        known["selections"] = [asdict(selection) for selection in row.selections]
    write_json(path, {**known, "made_by": row.made_by})
    return row.result, lines


def _read_row(path: Path) -> PublishedRow:
    """Read one published row from its file in `rows`."""
    known = read_json(path)
    files = PublishedFiles(path.parents[1])
    predictions = read_table(files.predictions(known["feature"], known["model"]))
    result = RowResult(**{key: known[key] for key in KNOWN}, predictions=predictions)
    several = known.get("selections", [])
    selections = [Selection(**s) for s in several]
    if result.metrics[0]["grid"] and not several:
        folds = [m["fold"] for m in result.metrics]
        selections = [Selection(folds, result.optimistic, result.edges, result.selection_cost)]
    return PublishedRow(result, known["made_by"], selections)


def read_published_rows(published: Path) -> list[RowResult]:
    """Read every published row."""
    rows = [_read_row(path).result for path in PublishedFiles(published).entries()]
    if not rows:
        raise ArtefactError(f"{published}: no published rows; run the workflow and `make publish`")
    return rows


def read_made_by(published: Path, result: RowResult) -> dict[str, Any]:
    """Read what made a published row: module, parameters and versions of its first fold."""
    path = PublishedFiles(published).entry(result.feature, result.model)
    made_by: dict[str, Any] = read_json(path)["made_by"]
    return made_by


def write_published_summary(published: Path, dataset: Dataset) -> list[dict[str, Any]]:
    """Make `summary.csv` anew of all published rows, and return its records."""
    records = summarize(dataset, read_published_rows(published))
    with atomic_path(PublishedFiles(published).summary) as temporary:
        temporary.write_text(to_csv(records), encoding="utf-8")
    return records


def publish_curves(path: Path, published: Path, rows: list[str]) -> list[dict[str, Any]]:
    """Add a run's learning curves to the published ones, and return all records.

    Parameters
    ----------
    path : Path
        The run's table, Parquet; there may be none.
    rows : list of str
        FEATURE/MODEL of the rows to publish; all if empty. Those of quick budgets never are.
    """
    own, kept = PublishedFiles(published).learning_curves, []
    if own.is_file():
        kept = learning_curves.from_csv(own.read_text(encoding="utf-8"))
    found = learning_curves.read_curves(path) if path.is_file() else []
    wanted = [
        r
        for r in found
        if not is_quick(r["model"]) and (not rows or f"{r['feature']}/{r['model']}" in rows)
    ]
    records = learning_curves.merged(kept, wanted)
    if wanted:
        with atomic_path(own) as temporary:
            temporary.write_text(to_csv(records), encoding="utf-8")
    return records


def replace_leaderboard(document: str, table: str, marks: tuple[str, str] = (START, END)) -> str:
    """Return the document with the table between the leaderboard's marks, or others.

    Raises
    ------
    ArtefactError
        If the document lacks the marks.
    """
    before, start, rest = document.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not start or not end:
        raise ArtefactError(f"the README lacks the marks {marks[0]} and {marks[1]}")
    return f"{before}{start}\n\n{table.strip()}\n\n{end}{after}"
