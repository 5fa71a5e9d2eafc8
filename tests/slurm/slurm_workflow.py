"""A copy of the repository that is run as a user would, and what Slurm says about its jobs."""

from __future__ import annotations

import csv
import os
import platform
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_RUN = 1800  # seconds; two minutes on two idle cores
DIFFERS_BY_RUN = ("cpu_seconds", "peak_memory_mb")
# What the test's cluster needs: it has two CPUs and no accounting, and its jobs take seconds.
ONE_NODE = """
--profile slurm --cores 2 --slurm-status-command squeue --seconds-between-status-checks 2
--slurm-init-seconds-before-status-checks 3 --latency-wait 10
""".split()


@dataclass
class SmallWorkflow:
    """One folder with the workflow in it, and the environment's folder of programs."""

    folder: Path
    programs: Path
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self, *arguments):
        """Start Snakemake and return its process; its output goes to `snakemake.log`."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder / "src")}
        with (self.folder / "snakemake.log").open("a") as log:
            process = subprocess.Popen(
                [self.programs / "snakemake", *arguments],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def stop(self):
        """End runs that a failed test has left."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def start_on_slurm(self, *arguments):
        """Start a run on the cluster."""
        return self.start(*ONE_NODE, *arguments)

    def run_on_slurm(self, *arguments):
        """Run on the cluster to the end."""
        self.finish(self.start_on_slurm(*arguments))

    def run_locally(self, *arguments):
        """Run without Slurm to the end."""
        self.finish(self.start("--cores", "2", *arguments))

    def finish(self, process):
        """Wait for the end of a run that must succeed."""
        try:
            status = process.wait(timeout=LONGEST_RUN)
        except subprocess.TimeoutExpired:
            status = "too slow"
        assert status == 0, f"{status}: {self.log()[-4000:]}"

    def log(self):
        """Everything that Snakemake has said."""
        return (self.folder / "snakemake.log").read_text()

    def table(self, name="summary"):
        """Lines of the final table, or of another, without what differs from run to run."""
        (path,) = self.folder.glob(f"results/*/{name}.csv")
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        return [{k: v for k, v in row.items() if k not in DIFFERS_BY_RUN} for row in rows]

    def predictions(self):
        """Bytes of every fold's predictions, by path."""
        paths = self.folder.glob("results/*/models/*/*/fold*/predictions.parquet")
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in paths}

    def slurm_jobs(self, rule=""):
        """Slurm's records of this folder's jobs of a rule, as dictionaries, oldest first."""
        records = [
            dict(re.findall(r"([\w/]+)=(\S*)", line))
            for line in command("scontrol", "show", "job", "--oneliner").splitlines()
        ]
        own = [r for r in records if r.get("WorkDir") == str(self.folder)]
        return sorted((r for r in own if rule in r["Comment"]), key=lambda r: int(r["JobId"]))

    def wait_for_job(self, rule, process, **wanted):
        """Record of the first job of a rule whose fields hold these texts, while a run goes on."""
        deadline = time.monotonic() + LONGEST_RUN
        while time.monotonic() < deadline and process.poll() is None:
            for job in self.slurm_jobs(rule):
                if all(text in job[key] for key, text in wanted.items()):
                    return job
            time.sleep(0.3)
        raise AssertionError(f"no {rule} was ever {wanted}: {self.log()[-4000:]}")


def cancel(job):
    """Cancel a job, as its owner or an administrator may."""
    command("scancel", job["JobId"])


def set_node(state):
    """Drain or resume the cluster's only node."""
    node = platform.node().split(".")[0]
    command("scontrol", "update", f"nodename={node}", f"state={state}", "reason=test")


def command(*arguments):
    """Output of one of Slurm's commands."""
    return subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=30).stdout
