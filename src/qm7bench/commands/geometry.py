r"""Predict relaxed molecules by the models that were not trained on them: a line for each entry.

The relaxed molecules are those that `qm7bench relax` made of a test fold. Each entry's fitted model
of this fold computes its features for the data set's geometries and for the relaxed ones. Beside
the table, the folder of its name has all predictions, and what made the models.

example:
  qm7bench geometry --dataset results/qm7/dataset/metadata.json \
      --relaxed results/qm7/beyond/relaxed/metadata.json --models results/qm7/models \
      --rows eigenspectrum/ridge radius_graph/painn --output results/qm7/beyond/geometry
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import read_json, sha256_of, write_json
from qm7bench.artefacts.geometry_tree import GeometryFiles, RelaxedFiles
from qm7bench.artefacts.parquet import read_table, write_table
from qm7bench.artefacts.results_tree import TABLE_ENDINGS, EntryFiles
from qm7bench.beyond.entries import finished_entry
from qm7bench.beyond.geometry import TRACK, measure
from qm7bench.beyond.table import table_of, write_beyond_table
from qm7bench.commands import _options
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.ids import places_of
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.entries import read_entry
from qm7bench.leaderboard.provenance import made_by_of
from qm7bench.prediction import FittedModel

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _options.add_dataset(parser)
    parser.add_argument("--relaxed", type=Path, required=True, help="their metadata.json")
    _options.add_models(parser)
    parser.add_argument("--rows", nargs="+", required=True, help="FEATURE/MODEL of each entry")
    _options.add_output(parser, "path of the table without its ending: .csv, .md, .parquet")


def run(options: argparse.Namespace) -> None:
    """Read, predict, write."""
    made_from = read_json(options.relaxed).get("made_from", {})
    if made_from.get("sha256") != sha256_of(options.dataset) or "fold" not in made_from:
        raise ArtefactError(
            f"{options.relaxed}: not relaxed molecules of {options.dataset}; run `qm7bench relax`"
        )
    relaxed, fold = read_dataset(options.relaxed), int(made_from["fold"])
    changes = read_table(RelaxedFiles(options.relaxed.parent).relaxation)
    dataset = read_dataset(options.dataset)
    original = dataset[places_of(relaxed.ids, dataset)[0]]
    found, lines, made_by = [], [], {}
    for name in options.rows:
        folder = EntryFiles(options.models / name).fit(fold).folder
        before, after = _energies(folder, original), _energies(folder, relaxed)
        entry = finished_entry(read_entry(options.models / name, [fold]))
        moved, energy = changes["deviation"], changes["energy"]
        found.append((entry, measure(original.energies, before, after, moved, energy)))
        lines.append((entry.feature, entry.model, before, after))
        made_by[name] = made_by_of(folder)
        logger.info("%s: predicted", name)
    for ending in TABLE_ENDINGS:
        write_beyond_table(options.output.with_suffix(ending), table_of(TRACK, found))
    files = GeometryFiles(options.output.parent)
    write_table(files.predictions, _columns(lines, changes))
    write_json(files.provenance, {"relaxed": made_from, "made_by": made_by})


def _energies(folder: Path, molecules: Dataset) -> NDArray[np.float64]:
    """Predictions (m,) of a fitted model in kcal/mol, NaN where there is none."""
    model = FittedModel.load(folder)
    if isinstance(model, FittedModel):
        return model.values(molecules).energies
    return model.predict(molecules).energies


def _columns(
    lines: list[tuple[str, str, NDArray[np.float64], NDArray[np.float64]]],
    changes: dict[str, NDArray[Any]],
) -> dict[str, Any]:
    """Columns of the predictions: one line for each entry and molecule."""
    molecules = len(changes["id"])
    return {
        "feature": [feature for feature, _, _, _ in lines for _ in range(molecules)],
        "model": [model for _, model, _, _ in lines for _ in range(molecules)],
        **{name: np.tile(changes[name], len(lines)) for name in ("id", "deviation", "energy")},
        "prediction": np.concatenate([before for _, _, before, _ in lines]),
        "relaxed_prediction": np.concatenate([after for _, _, _, after in lines]),
    }
