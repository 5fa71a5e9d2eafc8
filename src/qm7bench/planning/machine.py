"""What a run finds out about its machine, and about the Snakemake that runs it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEMORY = "QM7BENCH_MEMORY_MB"
"""Environment variable by which a run tells its jobs how much memory one can have; 0: unknown."""
NODE_MEMORY = "node_mem_mb"
"""Resource by which a cluster's profile says how much memory one of its nodes has."""
SHARE = 0.05
OWN_CGROUP = Path("/proc/self/cgroup")


def python_first_on_path() -> None:
    """Let `python` in shell commands be the one that runs Snakemake, even if not activated."""
    folder = str(Path(sys.executable).parent)
    if os.environ.get("PATH", "").split(os.pathsep)[0] != folder:
        os.environ["PATH"] = folder + os.pathsep + os.environ.get("PATH", "")


def memory_for_a_job(workflow: Any) -> int | None:
    """MB that one job of a run can have; None on a cluster whose nodes nobody has described.

    Locally it is that of the machine, or what `--resources mem_mb=N` says, which also bounds what
    runs side by side. On a cluster it is what the profile says of its nodes. Snakemake reads the
    rules again for each of a cluster's jobs; they find the number in the environment.
    """
    if not workflow.is_main_process:
        return int(os.environ.get(MEMORY, "0")) or None
    local = workflow.nodes is None
    name = "mem_mb" if local else NODE_MEMORY
    if local:
        workflow.global_resources.setdefault(name, machine_memory())
    found = int(workflow.global_resources[name].value) if name in workflow.global_resources else 0
    os.environ[MEMORY] = str(found)
    return found or None


def machine_memory(cgroups: Path = Path("/sys/fs/cgroup"), own: Path = OWN_CGROUP) -> int:
    """MB of memory that jobs can have on this machine: that of its cgroup if there is one.

    `SHARE` of it is left to the system and to Snakemake.
    """
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return int((1.0 - SHARE) * min([total, *_limits_of(cgroups, own)]) / 2**20)


def _limits_of(cgroups: Path, own: Path) -> Iterator[int]:
    """Bytes that the control groups of this process, and those around it, may take."""
    lines = own.read_text(encoding="utf-8").splitlines() if own.is_file() else []
    for line in lines:
        _, controllers, place = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        inner = cgroups / controllers / place.lstrip("/")
        for folder in [inner, *inner.parents]:
            with contextlib.suppress(OSError, ValueError):
                yield int((folder / name).read_text(encoding="utf-8"))


def schedule_on_events(workflow: Any) -> None:
    """Let Snakemake look for jobs to start when one has ended, and not every second besides.

    For its limit of jobs per second, which is for clusters, it looks at all input files again every
    second, once for each job so far: half a core in a run of 200 jobs. No option switches it off.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
