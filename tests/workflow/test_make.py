"""What `make` passes on to the workflow, and the report of whatever is finished."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest


def commands(repository, *words):
    """Commands that `make` would run."""
    # Inside `make test`, make would take this for a recursive call and name its folders.
    outside = {
        name: value for name, value in os.environ.items() if name[:4] not in ("MAKE", "MFLA")
    }
    done = subprocess.run(
        ["make", "-n", *words], cwd=repository, env=outside, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def report_finished(workflow, *words):
    """Make the report as `make report` does."""
    return subprocess.run(
        [sys.executable, "-m", "qm7bench", "report_finished", *words],
        cwd=workflow.folder,
        env=workflow.environment(),
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("target", "end"),
    [
        ("benchmark", "--config budget=quick dataset=qm9small"),
        ("classical", "--config budget=none dataset=qm9small"),
        ("full", "--quiet rules --config dataset=qm9small"),
        ("report", "report_finished --results results/qm9small"),
    ],
)
def test_a_data_set_given_to_make_is_that_of_the_run(repository, target, end):
    assert commands(repository, target, "DATASET=qm9small")[-1].endswith(end)


@pytest.mark.parametrize("target", ["benchmark", "classical", "full", "report"])
def test_without_one_the_configuration_decides(repository, target, monkeypatch):
    monkeypatch.delenv("DATASET", raising=False)
    assert "dataset" not in commands(repository, target)[-1]
    assert "--results" not in commands(repository, target)[-1]


def test_the_report_of_what_was_run_last_is_made_where_the_run_makes_it(finished):
    old = finished.results.with_name("older")
    shutil.copytree(finished.results, old)
    for path in finished.results.rglob("metrics.json"):
        path.touch()
    made = [finished.results / name for name in ("report.html", "explore.html")]
    for path in [*made, *(old / path.name for path in made)]:
        path.unlink()
    done = report_finished(finished)
    assert done.returncode == 0, done.stderr
    assert f"results/{finished.results.name}/report.html: 4 entries, test folds 0 1" in done.stderr
    assert all(path.is_file() for path in made)
    assert not (old / "report.html").exists()


def test_entries_that_lack_a_fold_of_most_others_are_left_out(finished):
    shutil.rmtree(finished.results / "models" / "atom_counts" / "mean_predictor" / "fold1")
    assert "report.html: 3 entries, test folds 0 1" in report_finished(finished).stderr


def test_where_the_report_can_be_made_is_said_if_nothing_is_finished_there(finished):
    done = report_finished(finished, "--results", "results/qm7")
    assert done.returncode == 1
    name = finished.results.name
    assert f"results/qm7: no fit is finished; finished are results/{name}" in done.stderr


def test_before_any_run_the_report_says_what_to_do(new):
    done = report_finished(new)
    assert done.returncode == 1
    assert done.stderr.endswith("results: no fit is finished; run `make` first\n")
