"""What models see of a feature artefact: an array, a table with distances, graphs or atoms."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from qm7bench.artefacts.artefact import read_artefact
from qm7bench.errors import ArtefactError

LAYOUT_MODULES = {
    "tabular": "qm7bench.layouts.table",
    "graphs": "qm7bench.layouts.graphs",
    "atoms": "qm7bench.layouts.atoms",
}
"""Module whose functions make from arrays what models of the layout read."""


def wrap(layout: str, arrays: dict[str, Any]) -> Any:
    """Make from a feature's arrays what models of its layout read."""
    if layout == "tabular":
        return arrays["values"]
    return importlib.import_module(LAYOUT_MODULES[layout]).from_arrays(arrays)


def load_features(metadata: Path, shared: list[Path]) -> Any:
    """Read a feature artefact, memory-mapped and checked, with shared distances or kernels.

    Returns
    -------
    object with a length, to be indexed by molecule
        A plain array for tabular features without distances.

    Raises
    ------
    ArtefactError
        If a file is missing or damaged, or the metadata are not those of a feature.
    """
    artefact = read_artefact(metadata)
    if "layout" not in artefact.metadata:
        raise ArtefactError(f"{metadata}: not a feature; give the metadata.json of one")
    layout = artefact.metadata["layout"]
    if not shared:
        return wrap(layout, artefact.arrays)
    matrices: dict[str, Any] = {}
    for path in shared:
        matrices |= read_artefact(path).arrays
    return importlib.import_module(LAYOUT_MODULES[layout]).with_shared(artefact.arrays, matrices)
