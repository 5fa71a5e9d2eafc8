"""How long Snakemake plans 1,000 and 10,000 jobs, and how many Slurm jobs they would become.

Each plan is a configuration of many ridge entries on five folds, without a grid and with one. What
is timed is `snakemake -n`. Nearly all of the time is Snakemake's own, for each job and input file.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parent.parent
FEATURES = ("atom_counts", "eigenspectrum", "sorted_coulomb_matrix")
FOLDS = 5


def configuration(jobs, grid):
    """Entries enough for this number of fits and selections."""
    model = {"module": "ridge", "features": list(FEATURES)}
    if grid:
        model["grid"] = {"alpha": [0.1, 1.0]}
    models = {
        f"ridge_{i}": {**model, "parameters": {"alpha": 1.0 + i}}
        for i in range(math.ceil(jobs / len(FEATURES) / (FOLDS + grid)))
    }
    return {"dataset": "qm9small", "features": dict.fromkeys(FEATURES), "models": models}


def slurm_jobs(models, grid):
    """Slurm jobs of the fits and selections, as the profile groups them."""
    profile = yaml.safe_load((REPOSITORY / "slurm" / "config.yaml").read_text(encoding="utf-8"))
    entries, shared = len(models) * len(FEATURES), profile["group-components"]
    if grid:
        return math.ceil(entries / shared["light_rows"])
    return math.ceil(entries * FOLDS / shared["light_fits"])


def plan(settings):
    """Time one dry run in an empty copy; return its wall and CPU seconds."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(REPOSITORY / "workflow", Path(name, "workflow"))
        shutil.copy(REPOSITORY / "Snakefile", name)
        Path(name, "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [Path(sys.executable).parent / "snakemake", "--dry-run"]
        own = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
        done = subprocess.run(command, cwd=name, env=own, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr[-2000:] or done.stdout[-2000:])
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1000, 10000])
    print("| jobs | with a grid | wall s | CPU s | Slurm jobs |\n|---|---|---|---|---|")
    for jobs in parser.parse_args().jobs:
        for grid in (False, True):
            settings = configuration(jobs, grid)
            wall, cpu = plan(settings)
            number = slurm_jobs(settings["models"], grid)
            kind = "yes" if grid else "no"
            print(f"| {jobs:,} | {kind} | {wall:.1f} | {cpu:.1f} | {number} |", flush=True)


if __name__ == "__main__":
    main()
