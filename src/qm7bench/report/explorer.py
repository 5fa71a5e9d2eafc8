"""The explorer: every molecule in 3-D with every entry's error, in one page without network.

Own JavaScript on a plain canvas: it needs neither WebGL nor a library, and opens from a file.
Geometries and predictions are packed as numbers in base64, which keeps QM7 under 4 MB.

Chemiscope 1.1.0 was tried in its place, its script bundled into the page: it works without network,
but takes 8.3 MB for QM7, shows nothing where a browser has no WebGL, and has neither a list of
molecules by error, nor a search by formula, nor addresses of molecules, which the report links to.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from qm7bench.chemistry.bonds import BOND_FACTOR
from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.report.data import ReportData, ReportEntry
from qm7bench.report.figures.molecule import ATOM_COLOURS, OTHER_COLOUR
from qm7bench.report.html import page

LARGEST = 7_000_000
"""Bytes of base64 that the molecules may take."""
MOST_ENTRIES = 60
FINEST, LARGEST_INTEGER = 0.001, 32767
"""Coordinates are integers of 16 bits, in thousandths of an Angstrom where these reach."""


def explorer_page(data: ReportData, report: str) -> str:
    """HTML of the explorer.

    Parameters
    ----------
    report : str
        Address of the report, relative to the explorer.
    """
    entries = data.entries[:MOST_ENTRIES]
    shown = _shown(data, entries)
    values = {
        "dataset": data.name,
        "report": report,
        "left_out": len(data.dataset) - len(shown),
        "payload": _payload(data, entries, shown),
    }
    return page("explore.html", values)


def _shown(data: ReportData, entries: list[ReportEntry]) -> NDArray[np.int64]:
    """Indices of the molecules that fit, those with the largest median errors where not all do."""
    atoms = data.dataset.charges.shape[1]
    each = (7 * atoms + 4 * len(entries) + 8) * 4 // 3
    most = LARGEST // each
    if len(data.dataset) <= most:
        return np.arange(len(data.dataset))
    known = data.absolute_errors(entries).fillna(0.0)
    order = np.argsort(-known.median(axis=1).to_numpy(), kind="stable")[:most]
    return np.sort(order)


def _payload(
    data: ReportData, entries: list[ReportEntry], shown: NDArray[np.int64]
) -> dict[str, Any]:
    dataset = data.dataset[shown]
    real = dataset.charges > 0
    centres = np.array([p[r].mean(axis=0) for p, r in zip(dataset.positions, real, strict=True)])
    centred = (dataset.positions - centres[:, None])[real]
    unit = max(FINEST, float(np.abs(centred).max()) / LARGEST_INTEGER)
    return {
        "ids": [str(number) for number in dataset.ids],
        "formulas": dataset.formulas(),
        "atoms": _packed(dataset.sizes, "u2"),
        "charges": _packed(dataset.charges[real], "u1"),
        "positions": _packed(np.rint(centred / unit), "i2"),
        "unit": unit,
        "energies": _packed(dataset.energies, "f4"),
        "folds": _packed(dataset.folds, "i4"),
        "entries": [
            {
                "label": f"{entry.number} · {entry.label}",
                "mae": round(entry.record["mae"], 4),
                "errors": _packed(entry.errors[shown], "f4"),
            }
            for entry in entries
        ],
        "elements": {str(z): _element(z) for z in dataset.elements},
        "bond_factor": BOND_FACTOR,
    }


def _element(charge: int) -> dict[str, Any]:
    return {
        "symbol": SYMBOLS[charge],
        "radius": round(float(covalent_radii[charge]), 3),
        "colour": ATOM_COLOURS.get(charge, OTHER_COLOUR),
    }


def _packed(values: NDArray[Any], kind: str) -> str:
    """Little-endian bytes of the numbers as base64."""
    return base64.b64encode(np.ascontiguousarray(values).astype(f"<{kind}").tobytes()).decode()
