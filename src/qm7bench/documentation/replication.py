"""The replicated study's figures beside ours, for docs/replication.md."""

from __future__ import annotations

import csv
from pathlib import Path

HEAD = """| representation | model | study | ours, comparable | | ours, nested |
|---|---|---|---|---|---|"""


def replication_table(summary: Path) -> str:
    """Markdown of every published entry that the study has a figure for, in the study's order."""
    with summary.open(encoding="utf-8", newline="") as file:
        entries = [entry for entry in csv.DictReader(file) if entry["document_mae"]]
    entries.sort(key=lambda e: (float(e["document_mae"]), e["model"], e["feature"]))
    return "\n".join([HEAD, *map(_line, entries)])


def _line(entry: dict[str, str]) -> str:
    study, ours = float(entry["document_mae"]), float(entry["document_ours"])
    verdict = "✓" if entry["document_replicated"] == "True" else "▼" if ours < study else "▲"
    folds = "" if entry["folds"] == "0 1 2 3 4" else f" (folds {entry['folds']})"
    cells = (
        f"`{entry['feature']}`",
        f"`{entry['model']}`",
        f"{study:.2f}",
        f"{ours:.2f}",
        verdict,
        f"{float(entry['mae']):.2f}{folds}",
    )
    return "| " + " | ".join(cells) + " |"
