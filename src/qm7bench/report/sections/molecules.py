"""Section on single molecules: where the best models fail, and what is hard for every one."""

from __future__ import annotations

import re
from html import escape

import numpy as np

from qm7bench.chemistry.elements import formula
from qm7bench.report.data import ReportData
from qm7bench.report.error_groups import hard_molecules, worst_molecules
from qm7bench.report.figures.molecule import draw_molecule
from qm7bench.report.html import columns, minus, paragraph, section

SHOWN_ROWS, WORST_SHOWN, HARD_SHOWN = 3, 6, 12


def failures(data: ReportData) -> str:
    """Section: worst molecules of the best rows, then the hard ones."""
    parts = [
        paragraph(
            "Each molecule is drawn from its own geometry, seen along the direction in which it "
            "is thinnest; bonds are drawn where two atoms are near enough. Energies are in "
            "kcal/mol. A click opens the molecule in 3-D."
        )
    ]
    for row in data.featured[:SHOWN_ROWS]:
        worst = worst_molecules(row.errors, WORST_SHOWN)
        cards = [card(data, int(i), _signed(data, int(i), float(row.errors[i]))) for i in worst]
        title = f"Largest errors of {row.label}"
        parts.append(f"<h3>{escape(title)}</h3>" + columns(cards, "cards"))
    if len(data.rows) > 1:
        parts.append(_hard(data))
    return section("failures", "Where models fail", *parts)


def _hard(data: ReportData) -> str:
    errors = [row.errors for row in data.complete]
    hard = hard_molecules(errors, HARD_SHOWN)
    used = np.abs(np.array(errors[: hard.rows]))
    cards = []
    for place, share in zip(hard.places, hard.easiest_share, strict=True):
        middle = float(np.median(used[:, place]))
        lines = [f"median error {middle:.1f}", f"always above {100 * share:.1f} % of the others"]
        cards.append(card(data, int(place), lines))
    text = paragraph(
        f"Hard for every model: in each of the {hard.rows} best rows these have large errors; each "
        "card says what share of all molecules has smaller ones, even in the row that finds it "
        "easiest. Where every model errs, the reason is rather in the data than in one model: "
        "unusual bonding, or too few relatives among the training molecules."
    )
    return "<h3>Hard molecules</h3>" + text + columns(cards, "cards")


def _signed(data: ReportData, place: int, error: float) -> list[str]:
    energy = data.dataset.energies[place]
    lines = [f"error {error:+.1f}", f"energy {energy:,.1f}", f"predicted {energy + error:,.1f}"]
    return [minus(line) for line in lines]


def card(data: ReportData, place: int, lines: list[str]) -> str:
    """Drawing of a molecule with its formula, number and lines of text, linked to the explorer."""
    dataset = data.dataset
    name, number = formula(dataset.charges[place]), dataset.ids[place]
    drawing = draw_molecule(dataset.charges[place], dataset.positions[place], name)
    told = "".join(f"<span>{escape(line)}</span>" for line in lines)
    return (
        f'<a class="card" href="<!--explore-->#{number}">{drawing}'
        f"<strong>{_with_subscripts(name)}</strong><small>molecule {number}</small>{told}</a>"
    )


def _with_subscripts(name: str) -> str:
    return re.sub(r"\d+", r"<sub>\g<0></sub>", name)
