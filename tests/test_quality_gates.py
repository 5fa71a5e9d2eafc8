"""The same is checked before a commit, by .ci/run and on GitHub; the version is one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
import yaml


@pytest.fixture(scope="module")
def makefile(repository):
    return (repository / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hooks(repository):
    """Hooks by their identifier."""
    text = (repository / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    return {hook["id"]: hook for hook in yaml.safe_load(text)["repos"][0]["hooks"]}


@pytest.fixture(scope="module")
def workflow(repository):
    """The job of the GitHub workflow."""
    text = (repository / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["jobs"]["ci"]


def test_pre_commit_runs_the_tools_of_make_check(makefile, hooks):
    (recipe,) = re.findall(r"^check:.*\n((?:\t.*\n)+)", makefile, re.M)
    commands = [re.sub(r"^\t\$\(BIN\)/", ".venv/bin/", line) for line in recipe.splitlines()]
    files = r" --check| \.$| Snakefile workflow$| \.github/workflows/ci\.yml$"
    entries = [h["entry"] for h in hooks.values() if "stages" not in h]
    assert entries == [re.sub(files, "", line) for line in commands]


def test_github_has_the_steps_of_ci_run(repository, workflow):
    script = (repository / ".ci" / "run").read_text(encoding="utf-8")
    steps = re.findall(r"^(?:env -u QM7_MAT )?(make\b[^#\n]*?) *(?:#.*)?$", script, re.M)
    assert [step["run"] for step in workflow["steps"] if "run" in step] == steps
    assert steps[-1] == "make test"
    assert {"make check", "make docs", "make"} <= set(steps)


def test_github_tries_every_python_that_the_package_allows(repository, workflow):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    low, high = map(int, re.findall(r"3\.(\d+)", project["requires-python"]))
    assert workflow["strategy"]["matrix"]["python-version"] == [f"3.{k}" for k in range(low, high)]


def test_readme_and_help_name_the_two_commands(repository):
    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^    make +# .*\n    make test +# ", readme, re.M)
    done = subprocess.run(["make", "help"], cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    targets = re.findall(r"^ +make ([a-z-]+)", done.stdout, re.M)
    assert {"benchmark", "test", "check", "docs", "publish", "help"} <= set(targets)
    assert max(map(len, done.stdout.splitlines())) <= 120


@pytest.mark.parametrize(
    ("subject", "accepted"), [("Show the nested error first", True), ("x" * 73, False)]
)
def test_a_long_commit_subject_is_refused(subject, accepted, hooks):
    pattern = re.compile(hooks["commit-subject"]["entry"])
    assert (pattern.search(f"{subject}\n\n{'y' * 100}\n") is None) == accepted


def test_the_version_is_one(repository):
    pyproject = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((repository / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.search(r"^## \[?([\d.]+)\]? - (\d{4}-\d{2}-\d{2})$", changes, re.M).groups()
    assert pyproject["project"]["version"] == citation["version"] == version
    assert str(citation["date-released"]) == date


def test_the_workflow_file_is_accepted_by_its_schema(repository):
    file = repository / ".github" / "workflows" / "ci.yml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    done = subprocess.run(
        [*command, "vendor.github-workflows", str(file)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
