"""Section on training, epoch by epoch."""

from __future__ import annotations

import numpy as np

from qm7bench.report.data import ReportData, ReportEntry
from qm7bench.report.figures.costs import training_curves
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import Panel, Section


def training(data: ReportData, gallery: Gallery) -> Section | None:
    """Section, or nothing where no entry has epochs."""
    panels = [
        Panel(training_curves(gallery, entry), _epochs(entry), entry.model)
        for entry in data.entries
        if entry.histories
    ]
    return Section("training", "Training, epoch by epoch", {"panels": panels}) if panels else None


def _epochs(entry: ReportEntry) -> str:
    last = [int(np.max(history["epoch"])) for history in entry.histories.values()]
    span = str(last[0]) if len(set(last)) == 1 else f"{min(last)} to {max(last)}"
    mae = entry.record["mae"]
    return f"{entry.number} · {entry.feature}, {span} epochs, MAE {mae:.2f} kcal/mol"
