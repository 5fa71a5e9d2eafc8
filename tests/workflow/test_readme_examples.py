"""The lessons of README and documentation, done as they are written: checked, tested, run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from running import TABLES

from qm7bench.testing.features import FEATURE_CHECKS
from qm7bench.testing.models import MODEL_CHECKS

LESSONS = {"Add a representation": "README.md", "Add a model": "extending.md"}
"""Headings of the lessons, and the pages that they are on."""


@pytest.fixture(scope="module")
def lesson(pages):
    """Path, text and configuration of what a lesson adds, by its heading."""

    def of(heading):
        section = re.search(rf"^## {heading}\n(.*?)^## ", pages[LESSONS[heading]], re.M | re.S)[1]
        path = re.search(r"One file, `(src/[^`]+)`", section)[1]
        return path, re.search(r"```python\n(.*?)```", section, re.S)[1], section

    return of


@pytest.fixture(scope="module")
def checked(repository, lesson, tmp_path_factory):
    """Run a tool on the lessons' files in a copy of the package, and return what it says."""
    folder = tmp_path_factory.mktemp("lessons")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("src", "tests/testing"):
        shutil.copytree(repository / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(repository / name, folder / name)
    if (repository / ".mypy_cache").is_dir():
        shutil.copytree(repository / ".mypy_cache", folder / ".mypy_cache")
    files = []
    for heading in LESSONS:
        path, source, _ = lesson(heading)
        (folder / path).write_text(source)
        files.append(path)
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}

    def run(*command, on_files=True):
        told = [sys.executable, "-m", *command, *(files if on_files else [])]
        done = subprocess.run(told, cwd=folder, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.mark.parametrize("tool", ["ruff check", "ruff format --check", "mypy"])
def test_the_lessons_pass_what_make_check_runs(checked, tool):
    status, said = checked(*tool.split())
    assert status == 0, said


def test_the_lessons_pass_the_conformance_suite(checked):
    chosen = ("-k", "inertia or median_predictor", "-p", "no:cacheprovider")
    status, said = checked("pytest", "-q", "tests/testing", *chosen, on_files=False)
    assert status == 0, said
    passed = int(re.search(r"(\d+) passed", said)[1])
    assert passed == len(FEATURE_CHECKS) + len(MODEL_CHECKS)


@pytest.fixture(scope="module")
def taught(complete, lesson, tmp_path_factory):
    """A finished workflow with the lessons' representation and model, and the jobs that it took."""
    workflow = complete.copy_to(tmp_path_factory.mktemp("readme") / "taught")
    config = workflow.folder / "config.yaml"
    text = config.read_text()
    for heading in LESSONS:
        path, source, section = lesson(heading)
        (workflow.folder / path).write_text(source)
        if heading == "Add a model":
            line = re.search(r"under `models`: `([^`]+)`", section)[1]
            text = text.replace("models:\n", f"models:\n  {line}\n")
        else:
            line, entry = re.search(r"`(\w+:)` under `features`, and `(\w+)` in", section).groups()
            text = text.replace("features:\n", f"features:\n  {line}\n", 1)
            text = re.sub(r"(  ridge:\n    features:\n)", rf"\1    - {entry}\n", text)
    config.write_text(text)
    return workflow, workflow.run()


def test_a_new_feature_and_a_new_model_run_their_own_jobs_and_the_tables(taught):
    own = {"features/inertia", "models/inertia.ridge.selection"}
    own |= {f"models/inertia.ridge.fold{k}" for k in (0, 1)}
    own |= {f"models/atom_counts.median_predictor.fold{k}" for k in (0, 1)}
    assert taught[1] == own | TABLES


def test_their_rows_stand_in_the_table_and_the_others_are_as_before(taught, complete):
    def errors(workflow):
        return {(row["feature"], row["model"]): row["mae"] for row in workflow.table()}

    found, before = errors(taught[0]), errors(complete)
    assert set(found) - set(before) == {("inertia", "ridge"), ("atom_counts", "median_predictor")}
    assert {row: found[row] for row in before} == before


@pytest.mark.slow
def test_a_new_feature_that_no_model_sees_runs_nothing(finished, lesson):
    path, source, _ = lesson("Add a representation")
    (finished.folder / path).write_text(source)
    finished.configure(lambda c: c["features"].update(inertia=None))
    assert finished.planned() == set()
