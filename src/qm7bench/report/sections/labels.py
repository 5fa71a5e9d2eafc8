"""Section on the data themselves: near duplicates, and labels that every good row contradicts."""

from __future__ import annotations

import numpy as np

from qm7bench.chemistry.elements import formula
from qm7bench.chemistry.functional_groups import functional_groups
from qm7bench.report.data import ReportData
from qm7bench.report.html import Cell, columns, minus, number, paragraph, section, table
from qm7bench.report.sections.molecules import card
from qm7bench.report.suspicious_labels import (
    NearPair,
    SuspiciousLabel,
    nearest_pairs,
    suspicious_labels,
)

PAIRS, ROWS, LEAST, MOST_SHOWN = 10, 5, 2.0, 12
LEVEL = 0.9
SAME = 0.1
"""Geometries that agree within so many Angstrom are called near duplicates."""


def labels(data: ReportData) -> str:
    """Section: nearest pairs of molecules, and suspicious labels."""
    pairs = nearest_pairs(data.dataset, PAIRS)
    parts = [*_duplicates(data, pairs), *_suspicious(data)]
    return section("labels", "Duplicates and suspicious labels", *parts) if parts else ""


def _duplicates(data: ReportData, pairs: list[NearPair]) -> list[str]:
    if not pairs:
        return []
    same = sum(pair.deviation <= SAME for pair in pairs)
    found = f"at least {same}" if same == len(pairs) else str(same)
    verdict = (
        f"No two molecules agree within {SAME:g} Angstrom, so that none is tested by a model that "
        "has seen its twin."
        if same == 0
        else f"Pairs that agree within {SAME:g} Angstrom: {found}. Where their folds differ, one "
        "is tested by a model that has seen the other, which makes errors too small; where they "
        "nearly agree and the energies do not, one energy is doubtful."
    )
    text = paragraph(
        "Two molecules of one formula are compared by their interatomic distances, sorted within "
        "each pair of elements; the deviation is the largest difference. It is blind to rotation, "
        "to mirror images and to the order of atoms.",
        verdict,
    )
    head = [
        Cell("molecules"),
        Cell("formula"),
        Cell("deviation (Å)"),
        Cell("energies differ by", hint="second less first, kcal/mol"),
        Cell("folds"),
    ]
    body = [_pair(data, pair) for pair in pairs]
    caption = "The nearest pairs of molecules, energies in kcal/mol"
    return ["<h3>Nearest pairs</h3>", text, table(head, body, caption=caption)]


def _pair(data: ReportData, pair: NearPair) -> list[Cell]:
    ids, folds = data.dataset.ids, data.dataset.folds
    return [
        Cell(f"{ids[pair.first]}, {ids[pair.second]}"),
        Cell(formula(data.dataset.charges[pair.first])),
        number(pair.deviation, "{:.3f}"),
        Cell(minus(f"{pair.energy_difference:+.2f}"), pair.energy_difference),
        Cell(f"{folds[pair.first]}, {folds[pair.second]}"),
    ]


def _suspicious(data: ReportData) -> list[str]:
    rows = [row for row in data.complete if len(row.folds) > 1][:ROWS]
    if len(rows) < ROWS:
        return []
    half_widths = [row.half_widths(data.dataset.folds, LEVEL) for row in rows]
    found = suspicious_labels([row.errors for row in rows], half_widths, LEAST)
    names = "; ".join(f"{row.rank} · {row.label}" for row in rows)
    text = paragraph(
        f"Looked at are the {ROWS} best rows that tested every molecule: {names}. A label is "
        f"listed where all of them err on the same side by at least {LEAST:g} half-widths of their "
        f"own {100 * LEVEL:.0f} % intervals: {len(found)} of {len(data.dataset):,} molecules."
    )
    caution = paragraph(
        "What this cannot tell: whether the energy is wrong. The rows learn from the same "
        "molecules, so that they fail together where bonding is rare in the data, as in strained "
        "cages, and a sound energy then looks as suspicious as a wrong one. Nor would it find an "
        "error that is smaller than the models' own. Only a new calculation at the same level "
        "decides."
    )
    cards = [_card(data, label) for label in found[:MOST_SHOWN]]
    shown = [columns(cards, "cards")] if cards else []
    return ["<h3>Labels that the best rows contradict</h3>", text, *shown, caution]


def _card(data: ReportData, label: SuspiciousLabel) -> str:
    dataset, place = data.dataset, label.place
    errors = minus(" ".join(f"{error:+.0f}" for error in label.errors))
    groups = sorted(functional_groups(dataset.charges[place], dataset.positions[place]))
    same = np.array([formula(c) for c in dataset.charges]) == formula(dataset.charges[place])
    lines = [
        f"errors {errors}",
        f"at least {label.least_ratio:.1f} half-widths",
        minus(f"energy {dataset.energies[place]:,.1f}"),
        f"{same.sum() - 1} others of its formula",
        ", ".join(groups) or "no functional group",
    ]
    return card(data, place, lines)
