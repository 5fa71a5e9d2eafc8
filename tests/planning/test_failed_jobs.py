"""What a run tidies up, and what it repeats of the logs of its jobs."""

from __future__ import annotations

import os
import shutil
import time
from collections import namedtuple

import pytest

from qm7bench.planning import failed_jobs

TRACEBACK = "Traceback (most recent call last):\n  somewhere\n"
FAILED = TRACEBACK + "qm7bench fit: error: no good\n"


@pytest.fixture
def log(tmp_path):
    """Return a function that writes the log of a job, so many seconds ago."""

    def write(name, text, age=0.0):
        path = tmp_path / "mine" / "logs" / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (time.time() - age, time.time() - age))
        return path

    return write


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (FAILED, "qm7bench fit: error: no good"),
        (
            TRACEBACK + "ValueError: a bug of the program\n\n",
            "ValueError: a bug of the program",
        ),
        (
            "usage: qm7bench fit\nqm7bench fit: error: which fold?\n",
            "qm7bench fit: error: which fold?",
        ),
    ],
    ids=["a user's error", "a bug of the program", "a wrong command"],
)
def test_a_log_that_ends_with_an_error_is_repeated_with_its_path(log, text, line):
    path = log("a.log", text)
    assert failed_jobs.errors(path.parents[3], time.time() - 5) == [f"{line}\n    log: {path}"]


@pytest.mark.parametrize(
    ("text", "age"),
    [("MAE 1.2 kcal/mol\n", 0), ("", 0), (FAILED, 60)],
    ids=["good", "empty", "old"],
)
def test_other_logs_are_not_repeated(log, text, age):
    path = log("a.log", text, age)
    assert failed_jobs.errors(path.parents[3], time.time() - 5) == []


def test_a_full_disk_is_named_where_no_log_could_be_written(log, monkeypatch):
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 4096)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    folder = log("a.log", "").parents[3]
    assert failed_jobs.errors(folder, 0.0) == [
        f"{folder}: the disk is full; free some space and run again"
    ]


def test_only_temporary_files_without_a_write_for_an_hour_are_leftovers(tmp_path):
    old, new = time.time() - 7200, time.time()
    ages = {
        ".values.npy.k3_x9ab2": old,
        ".other.npy.k3_x9ab2": new,
        ".snakemake_timestamp": old,
        "values.npy": old,
    }
    for name, moment in ages.items():
        path = tmp_path / "feature" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (moment, moment))
    assert [path.name for path in failed_jobs.leftovers(tmp_path)] == [".values.npy.k3_x9ab2"]
