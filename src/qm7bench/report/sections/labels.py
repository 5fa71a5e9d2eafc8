"""Section on the data: near duplicates, and energies that every good entry contradicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from qm7bench.chemistry.elements import formula
from qm7bench.chemistry.functional_groups import functional_groups
from qm7bench.leaderboard.cells import Cell
from qm7bench.report.cards import Card, card
from qm7bench.report.data import ReportData
from qm7bench.report.html import Section, Table, minus, number
from qm7bench.report.suspicious_labels import (
    NearPair,
    SuspiciousLabel,
    nearest_pairs,
    suspicious_labels,
)

PAIRS, ENTRIES, LEAST, MOST_SHOWN = 10, 5, 2.0, 12
LEVEL = 0.9
SAME = 0.1
"""Geometries that agree within this many Angstrom are called near duplicates."""


def labels(data: ReportData) -> Section | None:
    """Section: nearest pairs of molecules, and suspicious reference energies."""
    pairs = nearest_pairs(data.dataset, PAIRS)
    values = {
        "same": SAME,
        "near": sum(pair.deviation <= SAME for pair in pairs),
        "pairs": _pairs(data, pairs) if pairs else None,
        "suspicious": _suspicious(data),
    }
    shown = pairs or values["suspicious"]
    return Section("labels", "Duplicates and suspicious energies", values) if shown else None


def _pairs(data: ReportData, pairs: list[NearPair]) -> Table:
    head = [
        Cell("molecules"),
        Cell("formula"),
        Cell("deviation (Å)"),
        Cell("energies differ by", hint="second - first, kcal/mol"),
        Cell("folds"),
    ]
    body = [_pair(data, pair) for pair in pairs]
    return Table("The nearest pairs of molecules, energies in kcal/mol", head, body)


def _pair(data: ReportData, pair: NearPair) -> list[Cell]:
    ids, folds = data.dataset.ids, data.dataset.folds
    return [
        Cell(f"{ids[pair.first]}, {ids[pair.second]}"),
        Cell(formula(data.dataset.charges[pair.first])),
        number(pair.deviation, "{:.3f}"),
        Cell(minus(f"{pair.energy_difference:+.2f}"), pair.energy_difference),
        Cell(f"{folds[pair.first]}, {folds[pair.second]}"),
    ]


def _suspicious(data: ReportData) -> dict[str, Any] | None:
    entries = [entry for entry in data.complete if len(entry.folds) > 1][:ENTRIES]
    if len(entries) < ENTRIES:
        return None
    half_widths = [entry.half_widths(data.dataset.folds, LEVEL) for entry in entries]
    found = suspicious_labels([entry.errors for entry in entries], half_widths, LEAST)
    return {
        "entries": [f"{entry.number} · {entry.label}" for entry in entries],
        "least": LEAST,
        "level": round(100 * LEVEL),
        "found": len(found),
        "molecules": len(data.dataset),
        "cards": [_card(data, label) for label in found[:MOST_SHOWN]],
    }


def _card(data: ReportData, label: SuspiciousLabel) -> Card:
    dataset, index = data.dataset, label.index
    errors = minus(" ".join(f"{error:+.0f}" for error in label.errors))
    groups = sorted(functional_groups(dataset.charges[index], dataset.positions[index]))
    same = np.array([formula(c) for c in dataset.charges]) == formula(dataset.charges[index])
    finite = np.isfinite(label.least_ratio)
    lines = [
        f"errors {errors}",
        f"at least {label.least_ratio:.1f} half-widths" if finite else "intervals without width",
        minus(f"energy {dataset.energies[index]:,.1f}"),
        f"{same.sum() - 1} others of its formula",
        ", ".join(groups) or "no functional group",
    ]
    return card(data.dataset, index, lines)
