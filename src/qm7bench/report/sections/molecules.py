"""Section on single molecules: where the best models fail, and what is hard for every one."""

from __future__ import annotations

from typing import Any

import numpy as np

from qm7bench.report.cards import Card, card
from qm7bench.report.data import ReportData
from qm7bench.report.error_groups import hard_molecules, worst_molecules
from qm7bench.report.html import Section, minus

SHOWN_ENTRIES, WORST_SHOWN, HARD_SHOWN = 3, 6, 12


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
        cards.append(card(data.dataset, int(index), lines))
    return {"entries": hard.entries, "cards": cards} if cards else None


def _worst(data: ReportData, index: int, error: float) -> Card:
    energy = data.dataset.energies[index]
    lines = [f"error {error:+.1f}", f"energy {energy:,.1f}", f"predicted {energy + error:,.1f}"]
    return card(data.dataset, index, [minus(line) for line in lines])
