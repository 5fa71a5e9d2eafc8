"""How long Snakemake plans 1,000 and 10,000 jobs, and how many Slurm jobs they would become.

Each plan is a configuration of many ridge rows, half of them with a grid, on five folds, for which
`snakemake -n` is timed, with the jobs grouped as the Slurm profile says.
"""

from __future__ import annotations

import argparse
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


def configuration(jobs, grids):
    """Rows enough for so many fits and selections."""
    per_model = len(FEATURES) * (FOLDS + grids)
    model = {"module": "ridge", "features": list(FEATURES)}
    if grids:
        model["grid"] = {"alpha": [0.1, 1.0]}
    models = {
        f"ridge_{i}": {**model, "parameters": {"alpha": 1.0 + i}}
        for i in range(round(jobs / per_model))
    }
    return {"dataset": "qm9small", "features": dict.fromkeys(FEATURES), "models": models}


def plan(folder, *arguments):
    """Time one dry run; return its output, wall seconds and CPU seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [Path(sys.executable).parent / "snakemake", "--dry-run", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, wall, cpu


def copy_of_repository(folder):
    """What a plan needs, in a folder without results."""
    shutil.copytree(REPOSITORY / "workflow", folder / "workflow")
    shutil.copy(REPOSITORY / "Snakefile", folder)
    (folder / "slurm").symlink_to("workflow/profiles/slurm")
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1000, 10000])
    arguments = parser.parse_args()
    print("| jobs | grids | profile | wall s | CPU s |\n|---|---|---|---|---|")
    for jobs in arguments.jobs:
        for grids in (False, True):
            with tempfile.TemporaryDirectory() as name:
                folder = copy_of_repository(Path(name))
                text = yaml.safe_dump(configuration(jobs, grids))
                (folder / "config.yaml").write_text(text, encoding="utf-8")
                for profile in ("", "slurm"):
                    own = ["--profile", profile] if profile else ["--cores", "2"]
                    _, wall, cpu = plan(folder, "--quiet", "all", *own)
                    where = profile or "none"
                    print(f"| {jobs:,} | {grids} | {where} | {wall:.1f} | {cpu:.1f} |", flush=True)


if __name__ == "__main__":
    main()
