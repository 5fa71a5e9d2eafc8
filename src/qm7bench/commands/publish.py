r"""Publish finished entries and learning curves, and update the documents that show them.

An entry's finished folds replace the same folds of the published entry; its other folds stay if the
same settings made them. Without --results only the documents are updated, which needs no data set.

example:
  qm7bench publish --results results/qm7 --published results/published/qm7 --readme README.md \
      --leaderboard docs/leaderboard.md
"""

from __future__ import annotations

import argparse
import fnmatch
import logging
from pathlib import Path

from qm7bench.artefacts.results_tree import DatasetFiles, EntryFiles, PublishedFiles, is_quick
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError, UserError

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--results", type=Path, help="a data set's results")
    parser.add_argument("--published", type=Path, required=True, help="folder to write into")
    parser.add_argument(
        "--rows",
        nargs="*",
        default=[],
        help="FEATURE/MODEL, * allowed; all finished ones if absent",
    )
    parser.add_argument(
        "--leave-out", nargs="*", default=[], help="FEATURE/MODEL not to publish, * allowed"
    )
    parser.add_argument(
        "--readme", type=Path, help="page for the ten best entries, between its marks"
    )
    parser.add_argument(
        "--leaderboard", type=Path, help="page for all entries and learning curves, likewise"
    )


def run(options: argparse.Namespace) -> None:
    """Publish, then update the documents."""
    if options.readme and not options.leaderboard:
        raise UserError("--readme links to the whole table; give --leaderboard too")
    if options.rows and not options.results:
        raise UserError("--rows are published from --results; give both")
    if options.results:
        _publish(DatasetFiles(options.results), options.published, options.rows, options.leave_out)
    if options.leaderboard:
        _update_documents(options.published, options.leaderboard, options.readme)


def _update_documents(published: Path, leaderboard: Path, readme: Path | None) -> None:
    from qm7bench.leaderboard.documents import update_best, update_whole
    from qm7bench.leaderboard.external import read_external_entries
    from qm7bench.leaderboard.files import read_leaderboard
    from qm7bench.leaderboard.publishing import read_published_curves

    frame = read_leaderboard(PublishedFiles(published).summary)
    external = read_external_entries(PublishedFiles(published).external)
    update_whole(leaderboard, frame, read_published_curves(published), external)
    if readme:
        update_best(readme, frame, leaderboard, external)


def _publish(results: DatasetFiles, published: Path, rows: list[str], left_out: list[str]) -> None:
    from qm7bench.beyond.publishing import publish_geometry
    from qm7bench.leaderboard.publishing import (
        publish_curves,
        publish_entry,
        write_published_summary,
    )

    dataset, names = read_dataset(results.dataset), _chosen(results.models, rows, left_out)
    for name in names:
        entry, lines = publish_entry(results.models / name, published)
        for line in lines:
            print(line)
        logger.info("published %s, folds %s", entry.name, " ".join(map(str, entry.folds)))
    write_published_summary(published, dataset)
    publish_curves(results.learning_curves.with_suffix(".parquet"), published, names)
    if publish_geometry(results.folder, published):
        logger.info("published predictions for relaxed geometries")


def _chosen(models: Path, patterns: list[str], left_out: list[str]) -> list[str]:
    """FEATURE/MODEL of the finished entries that match.

    Raises
    ------
    ArtefactError
        If a pattern matches none.
    """
    # Quick budgets are for trying things out; they are never published.
    finished = [
        f"{folder.parent.name}/{folder.name}"
        for folder in sorted(models.glob("*/*"))
        if EntryFiles(folder).finished_folds() and not is_quick(folder.name)
    ]
    for pattern in patterns:
        if not fnmatch.filter(finished, pattern):
            raise ArtefactError(
                f"{models / pattern}: no finished folds; run the workflow, then publish"
            )
    return [
        name
        for name in finished
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns or ["*"])
        and not any(fnmatch.fnmatchcase(name, pattern) for pattern in left_out)
    ]
