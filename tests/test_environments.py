"""The software environments of the rules: the same packages and versions as the lock file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement

OF_JOBS = ("workflow", "networks", "xtb")
"""Extras that jobs need."""
NOT_IN_JOBS = {"snakemake"}


def normal(name):
    """Name of a package, as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lines):
    """Versions by package, of lines such as `numpy==2.4.6`; options and comments are left out."""
    found = [line.split("#")[0].strip().split("==") for line in lines]
    return {normal(pair[0]): pair[1] for pair in found if len(pair) == 2}


@pytest.fixture
def lock(repository):
    return pins((repository / "requirements.lock").read_text().splitlines())


@pytest.fixture(params=["cpu", "cuda"])
def environment(request, repository):
    """Packages of one environment."""
    content = yaml.safe_load((repository / "envs" / f"{request.param}.yaml").read_text())
    (from_pip,) = (part["pip"] for part in content["dependencies"] if isinstance(part, dict))
    return from_pip


def requirements(repository):
    """What pyproject.toml declares for the base, and for each extra."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    return project["dependencies"], project["optional-dependencies"]


def needed_by_jobs(repository, lock):
    """Packages of the lock file that ours depends on; CUDA's come with PyPI's torch, unpinned."""
    declared, extras = requirements(repository)
    wanted = [*declared, *(text for extra in OF_JOBS for text in extras[extra])]
    waiting, found = [Requirement(text) for text in wanted], set()
    while waiting:
        requirement = waiting.pop()
        name = normal(requirement.name)
        extras = requirement.extras or {""}
        marker = requirement.marker
        if name in found | NOT_IN_JOBS or name not in lock:
            continue
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras):
            continue
        found.add(name)
        waiting += map(Requirement, metadata.requires(name) or [])
    return found


def test_the_lock_file_has_what_the_base_and_every_extra_need_in_an_allowed_version(
    repository, lock
):
    base, extras = requirements(repository)
    for text in [*base, *(text for extra in extras.values() for text in extra)]:
        requirement = Requirement(text)
        name = normal(requirement.name)
        assert name in lock, f"{name} is not in requirements.lock"
        assert requirement.specifier.contains(lock[name]), f"{text}, but {lock[name]} is locked"


def test_every_package_has_the_version_of_the_lock_file(environment, lock):
    versions = pins(environment)
    assert versions == {name: lock[name] for name in versions}


def test_it_holds_what_jobs_need_and_nothing_else(environment, lock, repository):
    assert set(pins(environment)) == needed_by_jobs(repository, lock)


def test_every_environment_that_a_rule_names_is_there(repository):
    rules = (repository / "workflow" / "rules").glob("*.smk")
    named = {name for path in rules for name in re.findall(r"envs/(\w+)\.yaml", path.read_text())}
    assert named == {path.stem for path in (repository / "envs").glob("*.yaml")}


@pytest.mark.parametrize("name", ["cpu", "cuda"])
def test_a_new_environment_imports_the_package_from_the_repository(name, repository, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    programs = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    programs.pop("PYTHONPATH", None)
    script = repository / "envs" / f"{name}.post-deploy.sh"
    subprocess.run(["bash", script], cwd=repository, env=programs, check=True)
    where = subprocess.run(
        ["python", "-c", "import qm7bench; print(qm7bench.__file__)"],
        cwd=tmp_path,
        env=programs,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.strip() == str(repository / "src" / "qm7bench" / "__init__.py")
