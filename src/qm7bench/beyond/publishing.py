"""The published table of a user's geometry: what a run left, copied, as it needs the fitted models.

Tables of the other tracks are made from the published predictions.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from qm7bench.artefacts.artefact import atomic_path, read_json
from qm7bench.artefacts.geometry_tree import GeometryFiles
from qm7bench.artefacts.results_tree import is_quick


def publish_geometry(results: Path, published: Path) -> bool:
    """Copy a run's table with its predictions and provenance; return whether there was one.

    A table that has an entry of a quick budget is not published.

    Parameters
    ----------
    results, published : Path
        Folders `results/{dataset}` and `results/published/{dataset}`.
    """
    found = GeometryFiles.of(results)
    if not found.provenance.is_file() or not found.table.is_file():
        return False
    if any(is_quick(name) for name in read_json(found.provenance)["made_by"]):
        return False
    copies = GeometryFiles.of(published)
    for source, copy in zip(found.all(), copies.all(), strict=True):
        with atomic_path(copy) as temporary:
            shutil.copyfile(source, temporary)
    return True
