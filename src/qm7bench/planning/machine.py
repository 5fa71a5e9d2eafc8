"""What a run finds out about its machine, and about the Snakemake that runs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

GPU_DEVICES = ("nvidia[0-9]*", "kfd", "dxg")  # of CUDA, of ROCm, and of CUDA under WSL


def python_first_on_path() -> None:
    """Let `python` in shell commands be the one that runs Snakemake, even if not activated."""
    folder = str(Path(sys.executable).parent)
    if os.environ.get("PATH", "").split(os.pathsep)[0] != folder:
        os.environ["PATH"] = folder + os.pathsep + os.environ.get("PATH", "")


def has_gpu(devices: Path = Path("/dev")) -> bool:
    """Whether this machine has a GPU, told by its device files."""
    return any(next(devices.glob(pattern), None) for pattern in GPU_DEVICES)


def schedule_on_events(workflow: Any) -> None:
    """Let Snakemake look for jobs to start when one has ended, and not every second besides.

    For its limit of jobs per second, which is for clusters, it looks at all input files again every
    second, once for each job so far: half a core in a run of 200 jobs. No option switches it off.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
