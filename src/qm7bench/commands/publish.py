"""Add finished entries and learning curves of a full run to the published tables and the README.

An entry's finished folds replace the same folds of the published entry; its other folds stay if
the same settings made them.

example:
  qm7bench publish --results results/qm7 --published results/published/qm7 --readme README.md
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from qm7bench.artefacts.results_tree import DatasetFiles, EntryFiles, is_quick
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard import learning_curves
from qm7bench.leaderboard.documents import CURVES, replaced
from qm7bench.leaderboard.files import write_text
from qm7bench.leaderboard.markdown import to_markdown
from qm7bench.leaderboard.publishing import (
    publish_curves,
    publish_entry,
    write_published_summary,
)

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--results", type=Path, required=True, help="a data set's results")
    parser.add_argument("--published", type=Path, required=True, help="folder to write into")
    parser.add_argument("--rows", nargs="*", help="FEATURE/MODEL; all finished entries by default")
    parser.add_argument("--readme", type=Path, help="README whose leaderboard to replace")


def run(options: argparse.Namespace) -> None:
    """Publish the entries, then regenerate the table."""
    results = DatasetFiles(options.results)
    dataset, models = read_dataset(results.dataset), results.models
    for name in options.rows or []:
        if not EntryFiles(models / name).finished_folds():
            raise ArtefactError(
                f"{models / name}: no finished folds; run the workflow, then publish"
            )
    folders = [models / name for name in options.rows or []] or sorted(models.glob("*/*"))
    for folder in folders:
        # Quick budgets are for trying things out; they are never published.
        if EntryFiles(folder).finished_folds() and not is_quick(folder.name):
            entry, lines = publish_entry(folder, options.published)
            for line in lines:
                print(line)
            folds = " ".join(map(str, entry.folds))
            logger.info("published %s, folds %s", entry.name, folds)
    frame = write_published_summary(options.published, dataset)
    table = results.learning_curves.with_suffix(".parquet")
    curves = publish_curves(table, options.published, options.rows or [])
    if options.readme is not None:
        text = options.readme.read_text(encoding="utf-8")
        text = replaced(text, to_markdown(frame))
        if curves:
            text = replaced(text, learning_curves.to_markdown(curves), CURVES)
        write_text(options.readme, text)
