"""Disks that fill up or cannot be written: a clear end, nothing half-written, and a way on."""

from __future__ import annotations

import re
import subprocess

import pytest
from running import TABLES

pytestmark = pytest.mark.slow


@pytest.fixture
def mount():
    """Return a function that mounts a folder, as only root may; all is unmounted at the end."""
    mounted = []

    def of(*words):
        command = ["mount", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"NOT TESTED, mounting needs root: {done.stderr.strip()}")
        if not any("remount" in str(word) for word in words):
            mounted.append(words[-1])

    yield of
    for folder in reversed(mounted):
        subprocess.run(["umount", "--lazy", folder], check=True)


# Small enough to fill up with the data set, and with the last fits.
@pytest.mark.parametrize("kilobytes", [28, 400])
def test_a_full_disk_ends_with_one_clear_line_and_more_space_finishes(
    new, complete, mount, kilobytes
):
    results = new.folder / "results"
    results.mkdir()
    mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", results)
    run = new.snakemake("--cores", "2", "--show-failed-logs", "--quiet", "rules")
    assert run.status == 1
    assert "the disk is full; free some space and run again" in run.text
    assert not list(results.rglob(".*.*"))
    mount("-o", "remount,size=64m", results)
    new.run()
    assert new.same_results_as(complete)


def test_a_read_only_folder_ends_with_a_clear_line_and_changes_nothing(finished, complete, mount):
    finished.append("src/qm7bench/models/mean_predictor.py", "\n# run again\n")
    results = finished.folder / "results"
    before = finished.files()
    mount("--bind", results, results)
    mount("-o", "remount,bind,ro", results)
    run = finished.snakemake("--cores", "2", "--show-failed-logs", "--quiet", "rules")
    assert run.status == 1
    # Which of the jobs it names is Snakemake's choice; of that one it names the files.
    (rule,) = re.findall(r"^Write-protected output files for rule (\w+):", run.text, re.M)
    files = {"summary": r"summary\.csv", "report": r"report\.html"}
    files["beyond"] = r"beyond/\w+\.csv"
    files["fit"] = r"atom_counts/mean_predictor/fold[01]/metrics\.json"
    affected = run.text.partition("affected files:")[2]
    assert re.search(files[rule], affected)
    assert "Traceback" not in run.text
    assert finished.files() == before
    mount("-o", "remount,bind,rw", results)
    folds = {f"models/atom_counts.mean_predictor.fold{k}" for k in (0, 1)}
    assert finished.run() == folds | TABLES
    assert finished.same_results_as(complete)


def test_a_read_only_disk_ends_a_first_run_with_a_clear_line(new, mount):
    (new.folder / "results").mkdir()
    mount("-t", "tmpfs", "-o", "ro", "tmpfs", new.folder / "results")
    run = new.snakemake("--cores", "2", "--quiet", "rules")
    assert run.status == 1
    assert "Failed to create output directory results/my_molecules/dataset" in run.text
    assert "Read-only file system" in run.text
    assert "Traceback" not in run.text
