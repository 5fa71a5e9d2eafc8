"""The published leaderboard: entries from any number of runs, kept in the repository.

`rows/{feature}.{model}.json` holds what is known of an entry, its predictions (id, fold, prediction
under the nested protocol, but no energies, which are the data set's) are in
`predictions/{feature}.{model}.parquet`, and `summary.csv` is regenerated from all of them.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from qm7bench.artefacts.artefact import read_json, write_json
from qm7bench.artefacts.parquet import read_table, write_table
from qm7bench.artefacts.results_tree import PublishedFiles, is_quick
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard import learning_curves
from qm7bench.leaderboard.entries import FinishedEntry, Selection, read_entry
from qm7bench.leaderboard.files import write_csv
from qm7bench.leaderboard.merging import merged
from qm7bench.leaderboard.summary import summarize

SELECTION = ("folds", "optimistic", "edges", "cost")
"""What a published file holds of a `Selection`."""


def publish_entry(folder: Path, published: Path) -> tuple[FinishedEntry, list[str]]:
    """Publish an entry's finished folds from its folder `models/{feature}/{model}`.

    Published folds that the folder lacks stay, if the same settings made them.

    Returns
    -------
    entry : FinishedEntry
        As it is published now.
    lines : list of str
        What of it was left out, and why.
    """
    name, files = (folder.parent.name, folder.name), PublishedFiles(published)
    path = files.entry(*name)
    known = read_published_entry(path) if path.is_file() else None
    entry, lines = merged(read_entry(folder), known)
    write_table(files.predictions(*name), entry.predictions)
    write_json(path, _described(entry))
    return entry, lines


def _described(entry: FinishedEntry) -> dict[str, Any]:
    """What an entry's file in `rows` says of it."""
    found: dict[str, Any] = {
        "feature": entry.feature,
        "model": entry.model,
        "metrics": entry.metrics,
        "optimistic": entry.optimistic,
        "edges": entry.edges,
        "selection_cost": entry.selection_cost,
        "made_by": entry.made_by[entry.newest],
    }
    if len(entry.selections) > 1:
        found["selections"] = [
            {key: value for key, value in asdict(selection).items() if key in SELECTION}
            for selection in entry.selections
        ]
    return found


def read_published_entry(path: Path) -> FinishedEntry:
    """Read one published entry from its file in `rows`, and its predictions beside it."""
    known, files = read_json(path), PublishedFiles(path.parents[1])
    folds = [int(m["fold"]) for m in known["metrics"]]
    selections = [Selection(**own) for own in known.get("selections", [])]
    if known["metrics"][0]["grid"] and not selections:
        own = (known["optimistic"], known["edges"], known["selection_cost"])
        selections = [Selection(folds, *own)]
    return FinishedEntry(
        feature=known["feature"],
        model=known["model"],
        metrics=known["metrics"],
        predictions=read_table(files.predictions(known["feature"], known["model"])),
        made_by=dict.fromkeys(folds, known["made_by"]),
        newest=int(known["made_by"]["fold"]),
        selections=selections,
    )


def read_published_entries(published: Path) -> list[FinishedEntry]:
    """Read every published entry."""
    entries = [read_published_entry(path) for path in PublishedFiles(published).entries()]
    if not entries:
        raise ArtefactError(
            f"{published}: no published entries; run the workflow and `make publish`"
        )
    return entries


def write_published_summary(published: Path, dataset: Dataset) -> pd.DataFrame:
    """Regenerate `summary.csv` from all published entries, and return the leaderboard."""
    frame = summarize(dataset, read_published_entries(published))
    write_csv(PublishedFiles(published).summary, frame)
    return frame


def read_published_curves(published: Path) -> list[learning_curves.Record]:
    """Read the published learning curves; there may be none."""
    path = PublishedFiles(published).learning_curves
    return learning_curves.read_curves(path) if path.is_file() else []


def publish_curves(path: Path, published: Path, entries: list[str]) -> list[learning_curves.Record]:
    """Add a run's learning curves to the published ones, and return all records.

    Parameters
    ----------
    path : Path
        The run's table, Parquet; there may be none.
    entries : list of str
        FEATURE/MODEL of the entries to publish; those of quick budgets never are.
    """
    found = learning_curves.read_curves(path) if path.is_file() else []
    wanted = [
        r for r in found if not is_quick(r["model"]) and f"{r['feature']}/{r['model']}" in entries
    ]
    records = learning_curves.merged(read_published_curves(published), wanted)
    if wanted:
        write_csv(PublishedFiles(published).learning_curves, pd.DataFrame(records))
    return records
