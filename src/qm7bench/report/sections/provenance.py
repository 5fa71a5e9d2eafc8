"""Section on where the report comes from: data, protocol, software, machine."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.fitting.job import versions
from qm7bench.report.data import ReportData, ReportEntry
from qm7bench.report.html import Section, minus


def provenance(data: ReportData) -> Section:
    """Section: data set and checksum, protocol, versions, machine, commit."""
    dataset, made_from = data.dataset, data.metadata["made_from"]
    board = data.leaderboard
    budgets = sorted({str(budget) for budget in board["budget"] if budget})
    folds = ", ".join(map(str, data.folds))
    pairs = [
        ("data set", f"{data.name}: {len(dataset):,} molecules, {_contents(data)}"),
        ("made from", _origin(made_from)),
        ("sha256 of that", str(made_from.get("sha256", "not recorded"))),
        ("sha256 of molecules", str(data.metadata["molecules_sha256"])),
        ("test folds", f"{folds} of {len(set(dataset.folds.tolist()))}"),
        ("entries", f"{len(board)}, with {board['cpu_seconds'].sum():,.0f} CPU seconds in all"),
        ("budget", ", ".join(budgets) or "none of these entries depends on one"),
        ("fitted with", fitted_with(data.entries)),
        ("report made with", f"{_words(versions())}, on {machine()}"),
        ("commit", commit(Path.cwd())),
        ("date", datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")),
    ]
    if data.left_out:
        pairs.append(("left out", "unfinished or without predictions: " + ", ".join(data.left_out)))
    return Section("provenance", "Where this comes from", {"facts": pairs})


def _contents(data: ReportData) -> str:
    sizes = data.dataset.sizes
    elements = " ".join(SYMBOLS[z] for z in data.dataset.elements)
    energies = data.dataset.energies
    span = minus(f"{energies.min():,.0f} to {energies.max():,.0f} kcal/mol")
    return f"{sizes.min()} to {sizes.max()} atoms, elements {elements}, energies {span}"


def _origin(made_from: dict[str, Any]) -> str:
    told = [f"{k}: {v}" for k, v in made_from.items() if isinstance(v, str | int) and k != "sha256"]
    return "; ".join(told) or "not recorded"


def fitted_with(entries: list[ReportEntry]) -> str:
    """Versions that fitted the entries; where they differ, how many entries each."""
    kinds = Counter(_words(entry.fits.made_by[entry.folds[0]]["versions"]) for entry in entries)
    if len(kinds) == 1:
        return next(iter(kinds))
    return "; ".join(f"{count} entries: {words}" for words, count in kinds.items())


def _words(found: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in found.items())


def machine() -> str:
    """Processor, number of cores, memory and system of this machine."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    parts = [processor, f"{os.cpu_count()} cores"]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
        parts.append(f"{memory:.0f} GiB memory")
    return ", ".join([*parts, f"{platform.system()} {platform.release()}"])


def commit(folder: Path) -> str:
    """Git commit of the folder, and whether its files differ from it."""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return "not in a git repository"
    return head + (" with local changes" if changed else "")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.strip()
