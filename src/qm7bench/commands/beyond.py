r"""Test entries beyond the random fold: isomers, reactions and others, a table for each.

Out-of-fold predictions of every entry are measured by one track: those of a run's finished entries,
or the published ones. The table has a line for each entry, the best first.

example:
  qm7bench beyond isomers --dataset results/qm7/dataset/metadata.json \
      --published results/published/qm7 --output isomers.md

  qm7bench beyond all --dataset results/qm7/dataset/metadata.json \
      --published results/published/qm7 --output results/published/qm7/beyond

  qm7bench beyond isomers --dataset results/qm7/dataset/metadata.json --models results/qm7/models \
      --rows eigenspectrum/ridge fchl19/local_kernel_ridge --folds 0 1 2 3 4 \
      --output results/qm7/beyond/isomers
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from qm7bench.artefacts.results_tree import TABLE_ENDINGS, TRACKS
from qm7bench.beyond.entries import finished_entries
from qm7bench.beyond.table import measured, write_beyond_table
from qm7bench.beyond.track import load
from qm7bench.commands import _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import UserError
from qm7bench.leaderboard.published_predictions import (
    PredictedEntry,
    read_published_predictions,
)

logger = logging.getLogger(__name__)
ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "track", choices=(*TRACKS, ALL), help=f"what is tested; {ALL} that apply to the data set"
    )
    _options.add_dataset(parser)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--models", type=Path, help="folder of all fits; with --rows, --folds")
    source.add_argument("--published", type=Path, help="a data set's published entries")
    _options.add_rows(parser, "entry of --models")
    parser.add_argument("--folds", type=int, nargs="+", help="test folds that each of them has")
    endings = ", ".join(TABLE_ENDINGS)
    _options.add_output(
        parser, f"table, {endings}; without an ending, one of each; with {ALL}, folder of CSV files"
    )


def run(options: argparse.Namespace) -> None:
    """Read, measure, write."""
    entries, dataset = _entries(options), read_dataset(options.dataset)
    for name in TRACKS if options.track == ALL else (options.track,):
        table = measured(load(name), dataset, entries)
        if table.why_not:
            logger.info("%s: %s", name, table.why_not)
        if options.track != ALL:
            for path in _paths(options.output):
                write_beyond_table(path, table)
        elif table.lines:
            write_beyond_table(options.output / f"{name}.csv", table)


def _paths(output: Path) -> list[Path]:
    """Files to write, by the ending that was given."""
    if output.suffix in TABLE_ENDINGS:
        return [output]
    if output.suffix:
        raise UserError(f"--output {output}: give one of {', '.join(TABLE_ENDINGS)}, or no ending")
    return [output.with_suffix(ending) for ending in TABLE_ENDINGS]


def _entries(options: argparse.Namespace) -> list[PredictedEntry]:
    if options.published:
        if options.rows or options.folds:
            raise UserError("--rows and --folds choose from --models; leave them out, or give it")
        return read_published_predictions(options.published)
    if not options.rows or not options.folds:
        raise UserError("--models needs --rows and --folds: which entries, and their test folds")
    return finished_entries(_options.folds_of_rows(options.rows, options.models, options.folds))
