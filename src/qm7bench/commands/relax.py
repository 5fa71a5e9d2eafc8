r"""Relax test molecules of a fold by GFN2-xTB, from the data set's geometries: a data set again.

A sample is drawn at random and named by its seed. Ids, energies and folds stay; molecules that do
not relax are left out and counted. What changed is in relaxation.parquet beside the data set.
Needs tblite.

example:
  qm7bench relax results/qm7/dataset/metadata.json --fold 0 --molecules 300 \
      --output results/qm7/beyond/relaxed/metadata.json
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np

from qm7bench.artefacts.artefact import sha256_of
from qm7bench.artefacts.geometry_tree import RelaxedFiles
from qm7bench.artefacts.parquet import write_table
from qm7bench.beyond.relaxation import (
    LARGEST_FORCE,
    METHOD,
    STEPS,
    deviations,
    relaxed,
    sampled_fold,
    versions,
)
from qm7bench.commands import _options
from qm7bench.datasets.storage import read_dataset, write_dataset
from qm7bench.errors import UserError, counted

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("dataset", type=Path, help="its metadata.json")
    _options.add_test_fold(parser)
    parser.add_argument("--molecules", type=int, default=300, help="how many, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument(
        "--force",
        type=float,
        default=LARGEST_FORCE,
        help="largest force on an atom of a relaxed molecule, eV/Angstrom; default %(default)s",
    )
    _options.add_output(parser)


def run(options: argparse.Namespace) -> None:
    """Read, relax, write."""
    if options.molecules < 1:
        raise UserError(f"--molecules {options.molecules}: give at least 1")
    dataset = read_dataset(options.dataset)
    _options.refuse_unknown_folds([options.fold], dataset.folds)
    sample = sampled_fold(dataset, options.fold, options.molecules, options.seed)
    found = relaxed(sample, options.force)
    moved = deviations(sample[~np.isin(sample.ids, found.failed)], found.dataset)
    columns = {
        "id": found.dataset.ids,
        "energy": found.energies,
        "deviation": moved,
        "steps": found.steps,
    }
    write_table(RelaxedFiles(options.output.parent).relaxation, columns)
    made_from = {
        "sha256": sha256_of(options.dataset),
        "fold": options.fold,
        "seed": options.seed,
        "sampled": len(sample),
        "failed": found.failed,
        "method": METHOD,
        "largest_force_ev_per_angstrom": options.force,
        "most_steps": STEPS,
        "versions": versions(),
    }
    write_dataset(options.output, found.dataset, made_from)
    logger.info(
        "%s relaxed, %s not, RMSD %.3f Angstrom",
        counted(len(found.dataset), "molecule"),
        len(found.failed) or "none",
        moved.mean(),
    )
