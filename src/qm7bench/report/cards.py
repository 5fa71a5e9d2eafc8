"""Cards of single molecules: a drawing, the formula, and lines of text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qm7bench.chemistry.elements import formula
from qm7bench.datasets.dataset import Dataset
from qm7bench.report.figures.molecule import Drawing, draw_molecule


@dataclass(frozen=True)
class Card:
    """A molecule: its drawing, formula as (element, count), identifier and lines of text."""

    drawing: Drawing
    formula: list[tuple[str, str]]
    identifier: str
    lines: list[str]


def card(dataset: Dataset, index: int, lines: list[str]) -> Card:
    """Card of the molecule with that index, with lines of text."""
    charges, positions = dataset.charges[index], dataset.positions[index]
    name = formula(charges)
    drawing = draw_molecule(charges, positions, name)
    return Card(drawing, formula_parts(name), str(dataset.ids[index]), lines)


def formula_parts(name: str) -> list[tuple[str, str]]:
    """Elements of a formula and their counts: "C2H6" as [("C", "2"), ("H", "6")]."""
    return re.findall(r"([A-Z][a-z]?)(\d*)", name)
