"""Sections on what was run: data, protocol, software, machine, and how the rows were chosen."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from html import escape
from pathlib import Path

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.fitting.job import versions
from qm7bench.report.data import ReportData, ReportRow
from qm7bench.report.html import facts, minus, paragraph, section


def opening(data: ReportData) -> str:
    """Title and the two sentences that matter most."""
    # Not the first row where that is one of few folds.
    best = next(row for row in data.rows if row.record["difference_to_best"] == 0.0)
    rows = len(data.rows)
    middle = (
        f"{rows} rows, each a model on a representation of the molecules, were trained and tested "
        f"on {len(data.dataset):,} molecules of {data.metadata['name']}. The best, {best.model} on "
        f"{best.feature}, predicts atomization energies with a mean absolute error of "
        f"{best.record['mae']:.2f} ± {best.record['mae_std']:.2f} kcal/mol on molecules that it "
        "has never seen."
    )
    return (
        f"<h1>Atomization energies of {escape(str(data.metadata['name']))}</h1>\n"
        f'<p class="lead">{escape(middle)}</p>'
    )


def what_was_run(data: ReportData) -> str:
    """Section: data set and checksum, protocol, versions, machine, commit."""
    dataset, made_from = data.dataset, data.metadata["made_from"]
    budgets = sorted({r.record["budget"] for r in data.rows if r.record["budget"]})
    seconds = sum(row.record["cpu_seconds"] for row in data.rows)
    pairs = [
        ("data set", f"{data.metadata['name']}: {len(dataset):,} molecules, {_contents(data)}"),
        ("made from", _origin(made_from)),
        ("sha256 of that", str(made_from.get("sha256", "not recorded"))),
        ("sha256 of molecules", str(data.metadata["molecules_sha256"])),
        ("test folds", ", ".join(map(str, data.folds)) + f" of {len(set(dataset.folds.tolist()))}"),
        ("rows", f"{len(data.rows)}, with {seconds:,.0f} CPU seconds in all"),
        ("budget", ", ".join(budgets) or "none of these rows depends on one"),
        ("fitted with", fitted_with(data.rows)),
        ("report made with", _words(versions()) + f", on {machine()}"),
        ("commit", commit(Path.cwd())),
        ("date", datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")),
    ]
    if data.unfinished:
        pairs.append(("left out", "unfinished: " + ", ".join(data.unfinished)))
    protocol = paragraph(
        "Every fold in turn is the test set, and the model sees none of it: hyper-parameters are "
        "chosen by cross-validation inside the other folds (nested). Errors are prediction less "
        "energy, in kcal/mol; MAE is their mean size, RMSE the root of their mean square, and ± "
        "is the standard deviation over the test folds. Chemical accuracy is 1 kcal/mol."
    )
    return section("run", "What was run", protocol, facts(pairs))


def _contents(data: ReportData) -> str:
    sizes = data.dataset.sizes
    elements = " ".join(SYMBOLS[z] for z in data.dataset.elements)
    energies = data.dataset.energies
    span = minus(f"{energies.min():,.0f} to {energies.max():,.0f} kcal/mol")
    return f"{sizes.min()} to {sizes.max()} atoms, elements {elements}, energies {span}"


def _origin(made_from: dict[str, object]) -> str:
    told = [f"{k}: {v}" for k, v in made_from.items() if isinstance(v, str | int) and k != "sha256"]
    return "; ".join(told) or "not recorded"


def fitted_with(rows: list[ReportRow]) -> str:
    """Versions that fitted the rows; where they differ, how many rows each."""
    kinds: dict[str, int] = {}
    for row in rows:
        words = _words(row.made_by["versions"])
        kinds[words] = kinds.get(words, 0) + 1
    if len(kinds) == 1:
        return next(iter(kinds))
    return "; ".join(f"{count} rows: {words}" for words, count in kinds.items())


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
