"""The explorer: every molecule in 3-D with every row's error, in one page without network.

Own JavaScript on a plain canvas: it needs neither WebGL nor a library, and opens from a file.
Geometries and predictions are packed as numbers in base64, which keeps QM7 under 4 MB.
"""

from __future__ import annotations

import base64
import json
from html import escape
from typing import Any

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from qm7bench.chemistry.bonds import BOND_FACTOR
from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.report.data import ReportData, ReportRow
from qm7bench.report.figures.molecule import ATOM_COLOURS, OTHER_COLOUR
from qm7bench.report.html import page

LARGEST = 7_000_000
"""Bytes of base64 that the molecules may take."""
MOST_ROWS = 60
UNITS_PER_ANGSTROM = 1000
"""Coordinates are whole thousandths of an Angstrom in 16 bits, up to 32 Angstrom."""


def explorer_page(data: ReportData, report: str) -> str:
    """HTML of the explorer.

    Parameters
    ----------
    report : str
        Address of the report, relative to the explorer.
    """
    rows = data.rows[:MOST_ROWS]
    places = _shown(data, rows)
    payload = json.dumps(_payload(data, rows, places), separators=(",", ":"))
    left_out = len(data.dataset) - len(places)
    note = f"Left out are {left_out:,} molecules with smaller errors." if left_out else ""
    values = {
        "title": f"qm7bench: molecules of {escape(data.dataset.name)}",
        "dataset": escape(data.dataset.name),
        "report": escape(report),
        "note": note,
        # "<" would end the script early if a name held "</script>".
        "payload": payload.replace("<", "\\u003c"),
    }
    return page("explore.html", values)


def _shown(data: ReportData, rows: list[ReportRow]) -> NDArray[np.int64]:
    """Places of the molecules that fit, those with the largest median errors where not all do."""
    atoms = data.dataset.charges.shape[1]
    each = (7 * atoms + 4 * len(rows) + 8) * 4 // 3
    most = LARGEST // each
    if len(data.dataset) <= most:
        return np.arange(len(data.dataset))
    size = np.abs(np.array([row.errors for row in rows]))
    known = np.where(np.isfinite(size), size, 0.0)
    order = np.argsort(-np.median(known, axis=0), kind="stable")[:most]
    return np.sort(order)


def _payload(data: ReportData, rows: list[ReportRow], places: NDArray[np.int64]) -> dict[str, Any]:
    dataset = data.dataset[places]
    real = dataset.charges > 0
    centres = np.array([p[r].mean(axis=0) for p, r in zip(dataset.positions, real, strict=True)])
    centred = (dataset.positions - centres[:, None])[real]
    return {
        "ids": [str(number) for number in dataset.ids],
        "formulas": dataset.formulas(),
        "atoms": _packed(dataset.sizes, "u2"),
        "charges": _packed(dataset.charges[real], "u1"),
        "positions": _packed(np.rint(centred * UNITS_PER_ANGSTROM), "i2"),
        "unit": 1 / UNITS_PER_ANGSTROM,
        "energies": _packed(dataset.energies, "f4"),
        "folds": _packed(dataset.folds, "u1"),
        "rows": [
            {
                "label": f"{row.rank} · {row.label}",
                "mae": round(row.record["mae"], 4),
                "errors": _packed(row.errors[places], "f4"),
            }
            for row in rows
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
