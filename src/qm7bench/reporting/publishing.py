"""The published table: rows from any number of runs, kept in the repository.

`rows/{feature}.{model}.json` holds what is known of a row, `predictions/{feature}.{model}.parquet`
its predictions (id, fold, prediction under the nested protocol, but no energies, which are the data
set's), and `summary.csv` is made anew from all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qm7bench.artefact import atomic_path, read_json, write_json
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.reporting.leaderboard import to_csv
from qm7bench.reporting.summary import RowResult, finished_folds, read_row, summarize
from qm7bench.tables import read_table, write_table

START = "<!-- leaderboard: made by `make publish` -->"
END = "<!-- end of leaderboard -->"


def publish_row(folder: Path, published: Path) -> RowResult:
    """Publish a row's finished folds from its folder `models/{feature}/{model}`."""
    result = read_row(folder, finished_folds(folder))
    name = f"{result.feature}.{result.model}"
    write_table(published / "predictions" / f"{name}.parquet", result.predictions)
    description = {
        "feature": result.feature,
        "model": result.model,
        "metrics": result.metrics,
        "optimistic": result.optimistic,
        "edges": result.edges,
        "selection_cost": result.selection_cost,
        "made_by": read_json(folder / f"fold{result.metrics[0]['fold']}" / "model.json"),
    }
    write_json(published / "rows" / f"{name}.json", description)
    return result


def read_published_rows(published: Path) -> list[RowResult]:
    """Read every published row."""
    rows = []
    for path in sorted((published / "rows").glob("*.json")):
        known = read_json(path)
        predictions = read_table(published / "predictions" / f"{path.stem}.parquet")
        names = ("feature", "model", "metrics", "optimistic", "edges", "selection_cost")
        rows.append(RowResult(**{n: known[n] for n in names}, predictions=predictions))
    if not rows:
        raise ArtefactError(f"{published}: no published rows; run the workflow and `make publish`")
    return rows


def read_made_by(published: Path, result: RowResult) -> dict[str, Any]:
    """Read what made a published row: module, parameters and versions of its first fold."""
    path = published / "rows" / f"{result.feature}.{result.model}.json"
    made_by: dict[str, Any] = read_json(path)["made_by"]
    return made_by


def write_published_summary(published: Path, dataset: Dataset) -> list[dict[str, Any]]:
    """Make `summary.csv` anew of all published rows, and return its records."""
    records = summarize(dataset, read_published_rows(published))
    with atomic_path(published / "summary.csv") as temporary:
        temporary.write_text(to_csv(records), encoding="utf-8")
    return records


def replace_leaderboard(document: str, table: str) -> str:
    """Return the document with the table between the leaderboard's marks.

    Raises
    ------
    ArtefactError
        If the document lacks the marks.
    """
    before, found, rest = document.partition(START)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ArtefactError(f"the README lacks the marks {START} and {END}")
    return f"{before}{START}\n\n{table.strip()}\n\n{END}{after}"
