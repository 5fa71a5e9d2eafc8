"""Jobs and whole workflows killed at any moment: nothing lost, nothing half-written."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import pytest
from running import TABLES, Finished, Workflow, kill_group

from qm7bench.artefacts.artefact import check_unchanged, read_artefact, read_json
from qm7bench.datasets.storage import read_dataset

pytestmark = pytest.mark.slow

DIES_BEFORE_ITS_MODEL_IS_THERE = """
def die(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("/model.json"):
        os.kill(os.getpid(), signal.SIGKILL)

if words[:1] == ["fit"] and "ridge" in words:
    sys.addaudithook(die)
"""
HANGS_BEFORE_ITS_COST_IS_THERE = """
def hang(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("/selection.json"):
        import time
        time.sleep(600)

if words[:1] == ["select"]:
    sys.addaudithook(hang)
"""
HANDLES = {
    "metrics.json": ("predictions.parquet", "predictions_sha256"),
    "model.json": ("model.npz", "arrays_sha256"),
    "selection.json": ("selection.parquet", "table_sha256"),
}


def check_what_is_there(workflow: Workflow) -> None:
    """Raise an ArtefactError unless every artefact that seems to be finished is whole."""
    for handle in workflow.results.rglob("*.json"):
        if handle.name == "metadata.json":
            read_dataset(handle) if handle.parent.name == "dataset" else read_artefact(handle)
        elif handle.name == "duplicates.json":
            assert "pairs" in read_json(handle)
        else:
            file, key = HANDLES[handle.name]
            check_unchanged(handle.with_name(file), read_json(handle)[key], handle)


def start_and_kill(workflow: Workflow, steps: int, seconds: float) -> tuple[bool, Finished]:
    """Kill a run so many seconds after it started jobs so many times; return whether it still ran.

    Every process of it must die, so that nothing writes on.
    """
    process = workflow.start("--cores", "2", "--rerun-incomplete")
    assert process.stdout is not None
    head = ""
    while steps and (line := process.stdout.readline()):
        head += line
        steps -= line.startswith("Execute")
    time.sleep(seconds)
    running = process.poll() is None
    text = head + kill_group(process)
    assert str(workflow.folder) not in working_folders()
    return running, Finished(0, text)


def wait_for(condition: Callable[[], object], seconds: float = 600) -> None:
    """Return as soon as the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def working_folders() -> list[str]:
    """Working folder of every process of this machine that has one."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.append(os.readlink(f"/proc/{number}/cwd"))
        except OSError:
            continue
    return found


def test_a_killed_job_leaves_nothing_that_seems_finished(finished, complete):
    finished.append("src/qm7bench/models/ridge.py", "\n# run again\n")
    finished.hook(DIES_BEFORE_ITS_MODEL_IS_THERE)
    run = finished.snakemake("--cores", "1", "--show-failed-logs")
    assert run.status == 1
    assert "returned non-zero exit status 137" in run.text  # 128 + SIGKILL
    row = finished.results / "models" / "eigenspectrum" / "ridge"
    left = {k: [path.name for path in (row / f"fold{k}").iterdir()] for k in (0, 1)}
    # Which fold comes first is Snakemake's choice; the other was never begun.
    (killed,) = (k for k in left if "metrics.json" not in left[k])
    assert [name.rpartition(".")[0] for name in left[killed]] == [".model.json"]
    finished.unhook()
    finished.age_leftovers()
    folds = {f"models/eigenspectrum.ridge.fold{k}" for k in (0, 1)}
    assert finished.run() == folds | TABLES
    assert finished.same_results_as(complete)


def test_after_a_power_cut_snakemake_says_how_to_go_on(finished, complete):
    finished.append("src/qm7bench/models/ridge.py", "\n# run again\n")
    finished.hook(HANGS_BEFORE_ITS_COST_IS_THERE)
    process = finished.start("--cores", "1", "--quiet")
    costs = finished.results / "models" / "eigenspectrum" / "ridge" / "selection.json"
    wait_for(lambda: list(costs.parent.glob(".selection.json.*")))
    kill_group(process)
    finished.unhook()
    incomplete = finished.snakemake("--cores", "2")
    assert incomplete.status == 1
    assert "rerun your command with the --rerun-incomplete flag" in incomplete.text
    locked = finished.snakemake("--cores", "2", "--rerun-incomplete")
    assert locked.status == 1
    assert "Directory cannot be locked" in locked.text
    assert "It can be removed with the --unlock argument" in locked.text
    assert finished.snakemake("--unlock").status == 0
    finished.age_leftovers()
    finished.run()
    assert finished.same_results_as(complete)


def test_a_workflow_killed_twenty_times_ends_with_the_same_table(new, complete, capsys):
    seed = random.randrange(10**6)
    moments, kills, done = random.Random(seed), 0, set()
    while kills < 20:
        running, run = start_and_kill(new, moments.randint(1, 3), moments.uniform(0, 0.7))
        kills += running
        check_what_is_there(new)
        again = done & run.completed()
        assert not again, f"done twice: {again}; moments drawn with seed {seed}"
        done |= run.completed()
        if not running:
            # All was done before the kill: let the rest of the twenty have work as well.
            new.append("src/qm7bench/artefacts/artefact.py", "\n# everything again\n")
            done = set()
        new.snakemake("--unlock")
    new.age_leftovers()
    jobs = new.run()
    assert not done & jobs
    with capsys.disabled():
        print(f"\nkilled {kills} times; {len(done)} jobs were done before, {len(jobs)} after")
    assert new.same_results_as(complete)
