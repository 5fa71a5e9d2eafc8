"""A score as an external entry of the leaderboard."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qm7bench.artefacts.results_tree import ExternalFiles
from qm7bench.errors import UserError
from qm7bench.installation import version
from qm7bench.leaderboard.external import ExternalEntry, write_external
from qm7bench.scoring.score import Score

DESCRIPTION = ("author", "method", "training_data", "link")


def save(score: Score, files: ExternalFiles, name: str, described: Mapping[str, str]) -> None:
    """Write the two files of an external entry.

    Parameters
    ----------
    described : mapping
        Texts by the names of `DESCRIPTION`.

    Raises
    ------
    UserError
        If the file has a slip, the name is taken, or a description is missing.
    """
    if score.slip is not None:
        raise UserError(f"a file with a slip ({score.slip.name}) is not saved; mend it first")
    entry = ExternalEntry(
        name=name,
        dataset=score.dataset.name,
        predefined_folds=score.has_predefined_folds,
        molecules=len(score.dataset),
        by_fold=score.by_fold,
        qm7bench=version(),
        **{key: described[key] for key in DESCRIPTION},
    )
    known = np.isfinite(score.predictions)
    ids, folds = score.dataset.ids[known], score.folds[known]
    write_external(files, entry, ids, folds, score.predictions[known])
