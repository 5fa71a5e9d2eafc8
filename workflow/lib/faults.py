"""What a run does about faults: it tidies up after killed jobs, and repeats why others failed."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

LEFTOVER = re.compile(r"\..+\.[a-z0-9_]{8}")
LEFT_FOR_GOOD = 3600
"""Seconds after which nobody writes on, not even a run beside this one (`--nolock`)."""
FULL = 1_000_000
"""Bytes; with fewer free, a job that could not write may not have been able to say so."""


def leftovers(folder: Path) -> list[Path]:
    """Temporary files of `artefact.atomic_path` that a killed job never renamed."""
    latest = time.time() - LEFT_FOR_GOOD
    hidden = [p for p in folder.rglob(".*") if LEFTOVER.fullmatch(p.name) and p.is_file()]
    return [p for p in hidden if p.stat().st_mtime < latest]


def errors(logs: Path, since: float) -> list[str]:
    """Why jobs failed: the last line of each log that ends with an error, and a full disk.

    Parameters
    ----------
    logs : Path
        Folder of the logs.
    since : float
        Time since when they were written, in seconds since the epoch.
    """
    found = []
    for path in sorted(logs.rglob("*.log")):
        if path.stat().st_mtime >= since:
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "")
            if "Traceback (most recent call last):" in lines or ": error: " in last:
                found.append(f"{last}\n    log: {path}")
    if logs.is_dir() and shutil.disk_usage(logs).free < FULL:
        found.append(f"{logs.parent}: the disk is full; free some space and run again")
    return found
