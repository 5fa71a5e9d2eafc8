"""Section on single molecules: where the best models fail, and what is hard for every one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from qm7bench.chemistry.elements import formula
from qm7bench.report.data import ReportData
from qm7bench.report.error_groups import hard_molecules, worst_molecules
from qm7bench.report.figures.molecule import Drawing, draw_molecule
from qm7bench.report.html import Section, minus

SHOWN_ENTRIES, WORST_SHOWN, HARD_SHOWN = 3, 6, 12


@dataclass(frozen=True)
class Card:
    """A molecule: its drawing, formula as (element, count), identifier and lines of text."""

    drawing: Drawing
    formula: list[tuple[str, str]]
    identifier: str
    lines: list[str]


def failures(data: ReportData) -> Section:
    """Section: worst molecules of the best entries, then those that are hard for all."""
    worst = [
        (entry.label, [_worst(data, int(i), float(entry.errors[i])) for i in indices])
        for entry in data.featured[:SHOWN_ENTRIES]
        if len(indices := worst_molecules(entry.errors, WORST_SHOWN))
    ]
    values = {"worst": worst, "hard": _hard(data) if len(data.entries) > 1 else None}
    return Section("molecules", "Where models fail", values)


def _hard(data: ReportData) -> dict[str, Any] | None:
    """Molecules that are hard for every entry; None where no molecule is known to all."""
    errors = [entry.errors for entry in data.complete]
    hard = hard_molecules(errors, HARD_SHOWN)
    used = np.abs(np.array(errors[: hard.entries]))
    cards = []
    for index, share in zip(hard.indices, hard.easiest_share, strict=True):
        lines = [
            f"median error {np.median(used[:, index]):.1f}",
            f"always above {100 * share:.1f} % of the others",
        ]
        cards.append(card(data, int(index), lines))
    return {"entries": hard.entries, "cards": cards} if cards else None


def _worst(data: ReportData, index: int, error: float) -> Card:
    energy = data.dataset.energies[index]
    lines = [f"error {error:+.1f}", f"energy {energy:,.1f}", f"predicted {energy + error:,.1f}"]
    return card(data, index, [minus(line) for line in lines])


def card(data: ReportData, index: int, lines: list[str]) -> Card:
    """Card of the molecule with that index, with lines of text."""
    charges, positions = data.dataset.charges[index], data.dataset.positions[index]
    name = formula(charges)
    drawing = draw_molecule(charges, positions, name)
    return Card(drawing, formula_parts(name), str(data.dataset.ids[index]), lines)


def formula_parts(name: str) -> list[tuple[str, str]]:
    """Elements of a formula and their counts: "C2H6" as [("C", "2"), ("H", "6")]."""
    return re.findall(r"([A-Z][a-z]?)(\d*)", name)
