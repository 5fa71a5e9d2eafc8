"""Reading what the report is made from: a run's leaderboard and fits, or what is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import ASKED_FOR, TRACKS, EntryFiles, PublishedFiles
from qm7bench.beyond.table import read_beyond_table
from qm7bench.beyond.track import load
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.cells import Record
from qm7bench.leaderboard.columns import records_of
from qm7bench.leaderboard.entries import FinishedEntry, read_entry
from qm7bench.leaderboard.external import read_external_entries
from qm7bench.leaderboard.files import read_leaderboard
from qm7bench.leaderboard.learning_curves import read_curves
from qm7bench.leaderboard.publishing import read_published_entries
from qm7bench.report.data import Floats, Histories, ReportData, ReportEntry

TRACK_MARKS = "†‡§¶"
"""Marks of entries of separate tracks, one for each track."""
ROUNDING = 1e-6
"""Largest difference, in kcal/mol, of an error in the leaderboard and in the entry's fits."""


def read_report_data(
    dataset_metadata: Path,
    leaderboard: Path,
    models: Path,
    curves: Path | None = None,
    beyond: Sequence[Path] = (),
) -> ReportData:
    """Read the entries of a leaderboard, checking every checksum.

    Parameters
    ----------
    dataset_metadata : Path
        The data set's `metadata.json`.
    leaderboard : Path
        `summary.parquet` or `summary.csv` of a run.
    models : Path
        Folder of all fits, `{feature}/{model}/fold{k}`.
    curves : Path, optional
        Table of the learning curves, Parquet.
    beyond : sequence of Path
        Tables of tests beyond the random fold, named by their tracks.

    Raises
    ------
    ArtefactError
        If the leaderboard or a file of an entry is missing or damaged, or if the leaderboard is
        older than the fits.
    """
    frame = read_leaderboard(leaderboard)
    fits, histories = [], []
    for line in records_of(frame):
        folder = models / line["feature"] / line["model"]
        fits.append(read_entry(folder, [int(fold) for fold in line["folds"].split()]))
        histories.append(_histories(folder, fits[-1].folds))
    names = {f"{entry.feature}/{entry.model}" for entry in fits}
    begun = (f"{folder.parent.name}/{folder.name}" for folder in sorted(models.glob("*/*")))
    data = _joined(
        dataset_metadata,
        frame,
        list(zip(fits, histories, strict=True)),
        [name for name in begun if name not in names],
        read_curves(curves) if curves else [],
    )
    return replace(data, beyond=[read_beyond_table(path, load(path.stem)) for path in beyond])


def read_published_report_data(dataset_metadata: Path, published: Path) -> ReportData:
    """Read all published entries, each with the folds that were published.

    Parameters
    ----------
    dataset_metadata : Path
        The data set's `metadata.json`.
    published : Path
        Folder `results/published/{dataset}`.

    Raises
    ------
    ArtefactError
        If there is no published entry, one predicts molecules that the data set does not have, or
        the published leaderboard is older than the entries.
    """
    files = PublishedFiles(published)
    frame = read_leaderboard(files.summary)
    by_name = {(e.feature, e.model): e for e in read_published_entries(published)}
    keys = list(zip(frame["feature"], frame["model"], strict=True))
    if set(keys) != set(by_name):
        raise ArtefactError(f"{files.summary}: other entries than published; run `make publish`")
    table = files.learning_curves
    curves = read_curves(table) if table.is_file() else []
    data = _joined(dataset_metadata, frame, [(by_name[key], {}) for key in keys], [], curves)
    tables = [
        read_beyond_table(files.beyond(track), load(track))
        for track in (*TRACKS, *ASKED_FOR)
        if files.beyond(track).is_file()
    ]
    return replace(data, external=read_external_entries(files.external), beyond=tables)


def _joined(
    dataset_metadata: Path,
    frame: pd.DataFrame,
    fits: list[tuple[FinishedEntry, Histories]],
    left_out: list[str],
    curves: list[Record],
) -> ReportData:
    """Put data set, leaderboard and fits together; entries without any prediction are left out."""
    dataset = read_dataset(dataset_metadata)
    lines = zip(_numbers(frame), records_of(frame), fits, strict=True)
    entries = [_entry(dataset, *line) for line in lines]
    predicts = np.array([len(entry.known) > 0 for entry in entries])
    if not predicts.any():
        raise ArtefactError(f"{dataset_metadata}: no entry predicts any of its molecules")
    empty = [f"{e.fits.feature}/{e.fits.model}" for e in entries if not len(e.known)]
    return ReportData(
        dataset,
        read_json(dataset_metadata),
        frame[predicts].reset_index(drop=True),
        [entry for entry in entries if len(entry.known)],
        [*left_out, *empty],
        curves,
    )


def _entry(
    dataset: Dataset, number: str, record: Record, fits: tuple[FinishedEntry, Histories]
) -> ReportEntry:
    own, histories = fits
    _check_up_to_date(own, record)
    errors = _of_every_molecule(dataset, own, own.errors(dataset))
    given = own.predictions.get("uncertainty")
    uncertainties = None if given is None else _of_every_molecule(dataset, own, given)
    return ReportEntry(number, own, record, errors, uncertainties, histories)


def _check_up_to_date(fits: FinishedEntry, record: Record) -> None:
    """Find a leaderboard that says another error than the fits; None is one without predictions."""
    told = np.nan if record["mae"] is None else record["mae"]
    by_fold = pd.Series([m["mae"] for m in fits.metrics], dtype=float)
    if not np.isclose(told, by_fold.mean(), rtol=0, atol=ROUNDING, equal_nan=True):
        raise ArtefactError(
            f"{fits.name}: the leaderboard says MAE {told} kcal/mol and its fits {by_fold.mean()}; "
            "make the leaderboard again"
        )


def _numbers(frame: pd.DataFrame) -> list[str]:
    """Rank of each entry in its track, after the mark of a separate track."""
    tracks = sorted(set(frame["extra_data"]) - {""})
    marks = {"": "", **{t: TRACK_MARKS[i % len(TRACK_MARKS)] for i, t in enumerate(tracks)}}
    ranks = frame.groupby("extra_data").cumcount() + 1
    return [f"{marks[t]}{rank}" for t, rank in zip(frame["extra_data"], ranks, strict=True)]


def _histories(folder: Path, folds: list[int]) -> Histories:
    paths = {fold: EntryFiles(folder).fit(fold).history for fold in folds}
    return {fold: read_table(path) for fold, path in paths.items() if path.is_file()}


def _of_every_molecule(dataset: Dataset, fits: FinishedEntry, values: NDArray[Any]) -> Floats:
    """Values of the predictions at their molecules, shape (n,); NaN elsewhere."""
    found = pd.Series(np.asarray(values, dtype=np.float64), index=fits.predictions["id"])
    return np.asarray(found.reindex(dataset.ids).to_numpy())
