r"""Make the leaderboard of finished entries: Parquet, CSV and Markdown.

example:
  qm7bench summarize --dataset results/qm7/dataset/metadata.json --models results/qm7/models \
      --rows eigenspectrum/ridge atom_counts/mean_predictor:0,1 --folds 0 1 2 3 4 \
      --output results/qm7/summary
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.results_tree import EntryFiles
from qm7bench.commands import _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _options.add_dataset(parser)
    _options.add_models(parser)
    _options.add_rows(parser, "entry; by default all that have every fold")
    _options.add_folds(parser, "test folds that every entry must have")
    _options.add_output(parser, "path without its ending")


def run(options: argparse.Namespace) -> None:
    """Read, summarize, write."""
    from qm7bench.leaderboard.entries import read_entry
    from qm7bench.leaderboard.files import write_csv, write_parquet, write_text
    from qm7bench.leaderboard.markdown import to_markdown
    from qm7bench.leaderboard.summary import summarize

    metadata = read_json(options.dataset)
    folds = _options.folds_of_rows(options.rows or [], options.models, options.folds)
    folds = folds or dict.fromkeys(_finished(options.models, options.folds), options.folds)
    entries = [read_entry(folder, own) for folder, own in folds.items()]
    frame = summarize(read_dataset(options.dataset), entries)
    title = (
        f"# {metadata['name']}: atomization energies, errors in kcal/mol\n\n"
        f"{metadata['molecules']:,} molecules, sha256 {metadata['made_from']['sha256'][:16]}...\n\n"
    )
    write_csv(options.output.with_suffix(".csv"), frame)
    write_text(options.output.with_suffix(".md"), title + to_markdown(frame))
    write_parquet(options.output.with_suffix(".parquet"), frame)


def _finished(models: Path, folds: list[int]) -> list[Path]:
    """Folders of the entries that have all folds; the others are named."""
    complete = []
    for folder in sorted(models.glob("*/*")):
        finished = EntryFiles(folder).finished_folds()
        if set(folds) <= set(finished):
            complete.append(folder)
        elif finished:
            logger.warning("left out %s: not all folds are finished", folder)
    if not complete:
        raise ArtefactError(f"{models}: no entry has all folds; run the workflow first")
    return complete
