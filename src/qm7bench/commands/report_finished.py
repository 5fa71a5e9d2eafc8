"""Make the report of whatever a run has finished, without running anything.

Its entries are those with all test folds that most entries have. It is written where the workflow
writes it, and their leaderboard beside it.

example:
  qm7bench report_finished --results results/qm7-quick
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path

from qm7bench.artefacts.results_tree import RESULTS, TRACKS, DatasetFiles
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ArtefactError

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--results", type=Path, help="a data set's results; those changed last by default"
    )


def run(options: argparse.Namespace) -> None:
    """Find, draw, write."""
    from qm7bench.beyond.entries import finished_entry
    from qm7bench.beyond.table import measured
    from qm7bench.beyond.track import load
    from qm7bench.leaderboard.entries import read_entry
    from qm7bench.leaderboard.files import write_parquet
    from qm7bench.leaderboard.summary import summarize
    from qm7bench.report.reading import read_report_data
    from qm7bench.report.report import write_report

    files = _chosen(Path(RESULTS), options.results)
    folds = _shared_folds(files)
    entries = []
    for entry in files.entries():
        if set(folds) <= set(entry.finished_folds()):
            entries.append(read_entry(entry.folder, folds))
        else:
            logger.warning("left out %s: not all folds are finished", entry.folder)
    write_parquet(files.finished, summarize(read_dataset(files.dataset), entries))
    curves = files.learning_curves.with_suffix(".parquet")
    own_curves = curves if curves.is_file() else None
    data = read_report_data(files.dataset, files.finished, files.models, own_curves)
    predicted = [finished_entry(entry) for entry in entries]
    tables = [measured(load(track), data.dataset, predicted) for track in TRACKS]
    data = replace(data, beyond=tables)
    write_report(data, files.report, files.explorer, files.figures)
    used = " ".join(map(str, folds))
    logger.info("%s: %d entries, test folds %s", files.report, len(entries), used)


def _chosen(results: Path, given: Path | None) -> DatasetFiles:
    """Results with finished fits: those given, or else those that were changed last.

    Raises
    ------
    ArtefactError
        If there is nothing finished; the message names the results that have finished fits.
    """
    last = {p: _last_change(DatasetFiles(p)) for p in results.glob("*")}
    finished = sorted((path for path, time in last.items() if time), key=lambda p: last[p])
    if given is None and finished:
        return DatasetFiles(finished[-1])
    if given is not None and _last_change(DatasetFiles(given)):
        return DatasetFiles(given)
    names = ", ".join(map(str, finished))
    there = f"finished are {names}" if finished else "run `make` first"
    raise ArtefactError(f"{given or results}: no fit is finished; {there}")


def _last_change(files: DatasetFiles) -> float:
    """Time of the last fit, in seconds since the epoch; 0 without one."""
    fits = (entry.fit(k) for entry in files.entries() for k in entry.finished_folds())
    return max((fit.metrics.stat().st_mtime for fit in fits), default=0.0)


def _shared_folds(files: DatasetFiles) -> list[int]:
    """Test folds that most entries have finished; of several such sets, the largest."""
    found = Counter(tuple(entry.finished_folds()) for entry in files.entries())
    del found[()]
    return list(max((number, len(folds), folds) for folds, number in found.items())[2])
