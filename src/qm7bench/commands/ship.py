r"""Make a model that ships with the package from a finished entry of the leaderboard.

The model is fitted to all molecules of the data set, with the grid point whose error over all five
folds is smallest. Its intervals and errors are those of the five fits that left a fold out. It
keeps representations of some inducing atoms, their weights and quantiles, and nothing of a single
molecule's energy. Its name is that of the folder that it is written into. `make models` runs it.

example:
  qm7bench ship --results results/qm7 --published results/published/qm7 \
      --entry fchl19_extended_huckel/sparse_electronic_kernel_ridge \
      --exact fchl19_extended_huckel/electronic_kernel_ridge --output src/qm7bench/shipped/qm7
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.artefacts.results_tree import DatasetFiles, PublishedFiles
from qm7bench.commands import _options
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.ids import places_of
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError, UserError
from qm7bench.fitting.baseline import with_baseline
from qm7bench.layouts.loading import load_features
from qm7bench.leaderboard.entries import FinishedEntry, read_entry
from qm7bench.shipped.card import model_card
from qm7bench.shipped.files import ShippedFiles
from qm7bench.shipped.making import Tested, nested_errors, shipped

LARGEST = 20_000_000
"""Bytes that the arrays of a shipped model may have."""
logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--results", type=Path, required=True, help="a data set's results")
    parser.add_argument(
        "--entry", required=True, help="FEATURE/MODEL of a sparse local kernel, all folds finished"
    )
    parser.add_argument("--exact", help="FEATURE/MODEL of the published entry to compare it with")
    parser.add_argument("--published", type=Path, help="folder of the published entries")
    _options.add_output(parser, "folder to write into")


def run(options: argparse.Namespace) -> None:
    """Fit, measure, write."""
    if bool(options.exact) != bool(options.published):
        raise UserError("--exact names one of the --published entries; give both or neither")
    results = DatasetFiles(options.results)
    dataset = read_dataset(results.dataset)
    entry = read_entry(results.models / options.entry)
    arrays, description = shipped(
        _tested(options.output.name, results, dataset, entry),
        _exact(options.published, options.exact, dataset),
    )
    files = ShippedFiles(options.output)
    files.write(arrays, description)
    size = files.arrays.stat().st_size
    if size > LARGEST:
        raise UserError(
            f"{files.arrays}: {size / 1e6:.1f} MB are more than {LARGEST / 1e6:.0f}; give the "
            "model fewer inducing atoms"
        )
    with atomic_path(files.card) as temporary:
        temporary.write_text(model_card(files.read_description(), size), encoding="utf-8")
    logger.info(
        "%s: %.1f MB; nested MAE %.3f kcal/mol; intervals hold %.1f %%",
        *(options.output, size / 1e6, description["errors"]["mae"]),
        100 * description["intervals"]["coverage"],
    )


def _tested(name: str, results: DatasetFiles, dataset: Dataset, entry: FinishedEntry) -> Tested:
    made_by = entry.made_by[entry.newest]
    if made_by["module"] != "sparse_local_kernel_ridge":
        raise UserError(
            f"{entry.name}: only sparse local kernels ship, as other models hold a number for "
            "each training molecule; give an entry of sparse_local_kernel_ridge"
        )
    kernels = results.kernels(entry.feature, entry.model)
    shared = [kernels] if kernels.is_file() else []
    atoms = load_features(results.feature(entry.feature), shared)
    errors = _errors(entry, dataset)
    if "baseline" in made_by:
        dataset = with_baseline(dataset, results.feature(made_by["baseline"]["name"]))
    return Tested(name, dataset, atoms, _parameters(entry), errors, made_by)


def _parameters(entry: FinishedEntry) -> dict[str, Any]:
    """Parameters with the smallest error over all folds; those of the fits without a grid."""
    chosen = entry.optimistic.get("parameters", entry.made_by[entry.newest]["parameters"])
    return dict(chosen)


def _errors(entry: FinishedEntry, dataset: Dataset) -> NDArray[np.float64]:
    """Nested errors (n,) in kcal/mol in the order of the data set; NaN where there is none."""
    errors = np.full(len(dataset), np.nan)
    places, _ = places_of(entry.predictions["id"], dataset)
    errors[places] = entry.errors(dataset)
    return errors


def _exact(published: Path | None, name: str | None, dataset: Dataset) -> dict[str, Any] | None:
    """Nested errors of a published entry, over the same folds."""
    from qm7bench.leaderboard.publishing import read_published_entry

    if published is None or name is None:
        return None
    path = PublishedFiles(published).entry(*name.split("/", maxsplit=1))
    if not path.is_file():
        raise ArtefactError(f"{path}: no such published entry; leave out --exact if there is none")
    entry = read_published_entry(path)
    errors = _errors(entry, dataset)
    if not np.isfinite(errors).all():
        raise ArtefactError(f"{path}: has not all folds of {dataset.name}; leave out --exact")
    return {"entry": f"{entry.feature} {entry.model}", **nested_errors(errors, dataset.folds)}
