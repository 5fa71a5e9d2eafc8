"""Predictions of the published entries, read without pandas, and packed so that PyArrow can lack.

A checkout has one Parquet file for each entry. An installed package has them all in one compressed
`predictions.npz`: arrays `ids` and `folds` (n,) of the data set's molecules, and for each entry
`{feature}.{model}` its predictions (n,) in kcal/mol, NaN for molecules of folds that it lacks.
"""

from __future__ import annotations

import csv
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import PublishedFiles
from qm7bench.errors import ArtefactError


@dataclass(frozen=True)
class PredictedEntry:
    """Out-of-fold predictions of an entry of the leaderboard, and what is said of it.

    Attributes
    ----------
    feature, model : str
    track : str
        What it also uses besides its training molecules; empty in the main track.
    test_folds : str
        Separated by blanks.
    mae : float
        As the leaderboard says it, in kcal/mol; NaN where it predicts nothing.
    ids, folds : int64 arrays of shape (m,)
    predictions : float64 array of shape (m,)
        In kcal/mol.
    """

    feature: str
    model: str
    track: str
    test_folds: str
    mae: float
    ids: NDArray[np.int64]
    folds: NDArray[np.int64]
    predictions: NDArray[np.float64]

    @property
    def name(self) -> str:
        """FEATURE/MODEL."""
        return f"{self.feature}/{self.model}"


def read_published_predictions(published: Path) -> list[PredictedEntry]:
    """Read every entry in the order of the leaderboard: the best first, separate tracks last.

    Raises
    ------
    ArtefactError
        If the leaderboard or predictions are missing or damaged.
    MissingPackageError
        If the folder has Parquet files only and PyArrow is not installed.
    """
    files = PublishedFiles(published)
    read = _packed if files.packed.is_file() else _one_by_one
    return read(files, _lines(files.summary))


def _lines(summary: Path) -> list[dict[str, str]]:
    """Lines of the published leaderboard."""
    try:
        with summary.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
    except FileNotFoundError as error:
        raise ArtefactError(
            f"{summary}: does not exist; give a folder of published results"
        ) from error
    if not lines or not {"feature", "model", "mae", "folds", "extra_data"} <= set(lines[0]):
        raise ArtefactError(f"{summary}: is not a leaderboard; give a folder of published results")
    return lines


def _one_by_one(files: PublishedFiles, lines: list[dict[str, str]]) -> list[PredictedEntry]:
    tables = [read_table(files.predictions(line["feature"], line["model"])) for line in lines]
    return [
        _entry(line, table["id"], table["fold"], table["prediction"])
        for line, table in zip(lines, tables, strict=True)
    ]


def _packed(files: PublishedFiles, lines: list[dict[str, str]]) -> list[PredictedEntry]:
    found = []
    try:
        with np.load(files.packed, allow_pickle=False) as arrays:
            ids, folds = arrays["ids"], arrays["folds"]
            for line in lines:
                own = np.isin(folds, [int(fold) for fold in line["folds"].split()])
                predictions = arrays[f"{line['feature']}.{line['model']}"][own]
                found.append(_entry(line, ids[own], folds[own], predictions))
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ArtefactError(
            f"{files.packed}: is damaged, or older than the leaderboard beside it ({error}); "
            "install the package again"
        ) from error
    return found


def _entry(
    line: dict[str, str],
    ids: NDArray[np.int64],
    folds: NDArray[np.int64],
    predictions: NDArray[np.float64],
) -> PredictedEntry:
    mae = float(line["mae"] or "nan")
    named = (line["feature"], line["model"], line["extra_data"], line["folds"])
    return PredictedEntry(*named, mae, ids, folds, predictions)


def pack(published: Path, output: Path) -> int:
    """Write what an installed package needs of published results; return the number of entries.

    Parameters
    ----------
    published : Path
        Folder `results/published/{dataset}` of the repository.
    output : Path
        Folder to write: `artefacts.published_folder.packed_folder` of the data set.

    Raises
    ------
    ArtefactError
        If two entries put a molecule into different folds.
    """
    source, target = PublishedFiles(published), PublishedFiles(output)
    entries = _one_by_one(source, _lines(source.summary))
    ids, folds = _all_molecules(entries)
    arrays: dict[str, Any] = {"ids": ids, "folds": folds}
    for entry in entries:
        values = np.full(len(ids), np.nan)
        values[np.searchsorted(ids, entry.ids)] = entry.predictions
        arrays[f"{entry.feature}.{entry.model}"] = values
    with atomic_path(target.packed) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)
    with atomic_path(target.summary) as temporary:
        shutil.copyfile(source.summary, temporary)
    return len(entries)


def _all_molecules(
    entries: list[PredictedEntry],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids of all molecules, ascending, and their folds, which all entries must agree on."""
    ids = np.concatenate([entry.ids for entry in entries])
    folds = np.concatenate([entry.folds for entry in entries])
    unique, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    differs = folds != folds[first][inverse]
    if differs.any():
        raise ArtefactError(
            f"molecule {ids[differs][0]} is in several folds of the published predictions; "
            "publish the entries again"
        )
    return unique, folds[first]
