"""Write the ids and folds of a data set, for a model that is trained elsewhere.

The file has a line for each molecule: `id`, by which predictions name it; `fold`, in which it is a
test molecule; and its formula and number of atoms, to compare with your copy of the data. For qm7
the id is the index in qm7.mat, from 0; for the parts of QM9 it is QM9's own index, from 1.

The protocol, for each fold:
  1. Train on the molecules of the other folds alone.
  2. Choose hyper-parameters, epochs and features inside the other folds, for example by
     cross-validation over them. Nothing may be chosen by looking at the fold itself.
  3. Predict the fold's molecules once.
Write the predictions of all folds into one file with the columns `id` and `prediction`, atomization
energies in kcal/mol (negative), and score it.

example:
  qm7bench folds qm7 --output folds.csv

  qm7bench score predictions.csv --dataset qm7
"""

from __future__ import annotations

import argparse
import csv
import logging

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.commands import _options
from qm7bench.commands._named_dataset import HELP, named_dataset

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("dataset", help=HELP)
    _options.add_output(parser, "the table, CSV")


def run(options: argparse.Namespace) -> None:
    """Load the data set and write its table."""
    dataset = named_dataset(options.dataset)
    columns = (dataset.ids, dataset.folds, dataset.formulas(), dataset.sizes)
    with (
        atomic_path(options.output) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "fold", "formula", "atoms"))
        writer.writerows(zip(*columns, strict=True))
    logger.info(
        "%s: %d molecules of %s. For each fold: train and choose everything on the other folds, "
        "then predict the fold once; `qm7bench folds --help` has the protocol",
        options.output,
        len(dataset),
        dataset.name,
    )
