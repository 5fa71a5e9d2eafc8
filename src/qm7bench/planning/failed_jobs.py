"""What a run does about failed jobs: it removes what killed ones left, and repeats the errors."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from pathlib import Path

from qm7bench.artefacts.results_tree import LOGS

LEFTOVER = re.compile(r"\..+\.[a-z0-9_]{8}")
LEFT_FOR_GOOD = 3600
"""Seconds after which nobody writes on, not even a run beside this one (`--nolock`)."""
FULL = 1_000_000
"""Bytes; with fewer free, a job that could not write may not have been able to say so."""


def leftovers(results: Path) -> list[Path]:
    """Temporary files of `artefact.atomic_path` that a killed job never renamed."""
    latest = time.time() - LEFT_FOR_GOOD
    found = []
    for folder, _, names in os.walk(results):
        for path in (Path(folder) / name for name in names if LEFTOVER.fullmatch(name)):
            # A run beside this one may just have renamed it.
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < latest:
                    found.append(path)
    return found


def errors(results: Path, since: float) -> list[str]:
    """Why jobs failed: the last line of each log that ends with an error, and a full disk.

    Parameters
    ----------
    results : Path
        Folder of the results, one folder in it for each data set.
    since : float
        Time since when they were written, in seconds since the epoch.
    """
    found = []
    for path in sorted(results.glob(LOGS)):
        if path.stat().st_mtime >= since:
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "")
            if "Traceback (most recent call last):" in lines or ": error: " in last:
                found.append(f"{last}\n    log: {path}")
    if results.is_dir() and shutil.disk_usage(results).free < FULL:
        found.append(f"{results}: the disk is full; free some space and run again")
    return found
