"""Finds the published results of a data set: in a checkout of the repository, or in the package."""

from __future__ import annotations

from pathlib import Path

from qm7bench.artefacts.results_tree import PUBLISHED, PublishedFiles, filled

PACKAGE = Path(__file__).resolve().parents[1]
IN_PACKAGE = "published"
"""Folder of the package that a wheel brings, one folder in it for each data set: see `packed`."""


def published_folder(dataset: str) -> Path | None:
    """Folder of a data set's published results, or None where there are none.

    The first that has a leaderboard of: `results/published/{dataset}` below the working directory,
    the same in the repository whose `src` holds this package, and the package's own copy.
    """
    below = Path(filled(PUBLISHED.folder, dataset=dataset))
    places = (below, PACKAGE.parents[1] / below, packed_folder(dataset))
    return next((place for place in places if PublishedFiles(place).summary.is_file()), None)


def packed_folder(dataset: str) -> Path:
    """Where a data set's published results are in an installed package."""
    return PACKAGE / IN_PACKAGE / dataset
