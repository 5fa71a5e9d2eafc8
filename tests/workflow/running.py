"""A workflow in a folder of its own, and Snakemake really run there."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from qm7bench.artefacts.results_tree import TRACKS

SOURCES = ("Snakefile", "workflow", "src", "envs", ".gitignore")
DATASET = "my_molecules"
COSTS = ("cpu_seconds", "peak_memory_mb")
BEYOND = frozenset(f"beyond/{track}" for track in TRACKS)
TABLES = frozenset({"summary", "report"}) | BEYOND
"""Jobs at the end, which every change in a row brings with it."""


@dataclass(frozen=True)
class Finished:
    """What a Snakemake run said."""

    status: int
    text: str

    def jobs(self) -> set[str]:
        """Jobs that it planned, or started: paths of their logs below the logs' folder."""
        return set(re.findall(rf"^ +log: results/{DATASET}/logs/(\S+)\.log", self.text, re.M))

    def completed(self) -> set[str]:
        """Jobs that it saw to their end."""
        blocks = re.findall(r"^ +log: \S+/logs/(\S+)\.log.*\n +jobid: (\d+)$", self.text, re.M)
        names = {number: name for name, number in blocks}
        numbers = re.findall(r"^Finished jobid: (\d+)", self.text, re.M)
        return {names[number] for number in numbers if number in names}


@dataclass(frozen=True)
class Workflow:
    """A copy of the repository's workflow and package, with results of its own."""

    folder: Path

    @property
    def results(self) -> Path:
        """Folder of the data set's results."""
        return self.folder / "results" / DATASET

    def environment(self) -> dict[str, str]:
        """Environment in which Snakemake and its jobs import the copy's sources."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SNAKEMAKE")}
        path = os.pathsep.join(str(self.folder / name) for name in ("src", "hooks"))
        # Where Slurm is installed but does not run, its plugin would wait for it at every start.
        return {**kept, "PYTHONPATH": path, "SLURM_CONF": os.devnull}

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Start Snakemake as the leader of its own process group."""
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *words],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **options,
        )

    def snakemake(self, *words: str, timeout: float = 1800, **options: Any) -> Finished:
        """Run Snakemake to its end; nothing of it is left behind, even if it hangs."""
        process = self.start(*words, **options)
        try:
            text = process.communicate(timeout=timeout)[0]
        finally:
            if process.poll() is None:
                kill_group(process)
        return Finished(process.returncode, text)

    def planned(self, *words: str) -> set[str]:
        """Jobs that a run would start now."""
        dry = self.snakemake("-n", *words)
        assert dry.status == 0, dry.text
        number = re.search(r"^total +(\d+)$", dry.text, re.M)
        # Every job is named, besides the target itself.
        assert len(dry.jobs()) == (int(number[1]) - 1 if number else 0), dry.text
        return dry.jobs()

    def run(self, *words: str) -> set[str]:
        """Run to the end, as the Makefile does; return the jobs that it took."""
        done = self.snakemake("--cores", "2", "--show-failed-logs", "--rerun-incomplete", *words)
        assert done.status == 0, done.text
        assert done.completed() == done.jobs()
        return done.jobs()

    def configure(self, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change config.yaml."""
        path = self.folder / "config.yaml"
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(config)
        path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        """Add text to the end of a file."""
        with (self.folder / path).open("a", encoding="utf-8") as file:
            file.write(text)

    def hook(self, text: str) -> None:
        """Run this Python code in every process before anything else; `words` is its command."""
        folder = self.folder / "hooks"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(HOOK + text, encoding="utf-8")

    def unhook(self) -> None:
        """Remove the hook."""
        shutil.rmtree(self.folder / "hooks")

    def table(self) -> list[dict[str, str]]:
        """The leaderboard but for what it cost."""
        with (self.results / "summary.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [{k: v for k, v in row.items() if k not in COSTS} for row in rows]

    def contents(self) -> dict[str, bytes]:
        """Bytes of everything that holds no timing: arrays, predictions, grid points, figures."""
        kept = (".npy", ".npz", ".parquet")
        found = {
            str(path.relative_to(self.results)): path.read_bytes()
            for path in self.results.rglob("*")
            if path.suffix in kept and path.stem != "summary"
        }
        return dict(sorted(found.items()))

    def same_results_as(self, other: Workflow) -> bool:
        """Whether tables and arrays agree to the last bit, with no file lost or left over."""
        assert self.table() == other.table()
        assert list(self.contents()) == list(other.contents())
        assert self.files() == other.files()
        return self.contents() == other.contents()

    def files(self) -> list[str]:
        """Paths of all results."""
        return sorted(str(p.relative_to(self.results)) for p in self.results.rglob("*"))

    def age_leftovers(self) -> None:
        """Let two hours pass for the temporary files of killed jobs."""
        past = time.time() - 7200
        for path in self.results.rglob(".*.*"):
            os.utime(path, (past, past))

    def copy_to(self, folder: Path) -> Workflow:
        """Copy with times and results."""
        subprocess.run(["cp", "-a", self.folder, folder], check=True)
        return Workflow(folder)


HOOK = """\
import os, signal, sys
from pathlib import Path
words = Path("/proc/self/cmdline").read_bytes().decode().split("\\0")[3:]
"""


def kill_group(process: subprocess.Popen[str]) -> str:
    """End a process and all that it started, as a power cut would; return what it had said."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()[0]
