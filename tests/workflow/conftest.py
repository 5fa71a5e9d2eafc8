"""One complete run of a small workflow, and copies of it to change and to break."""

from __future__ import annotations

import re
import shutil

import pytest
import yaml
from running import DATASET, SOURCES, Workflow

from qm7bench.chemistry.elements import SYMBOLS

ROWS = """
folds: [0, 1]
features:
  atom_counts:
  eigenspectrum:
models:
  mean_predictor:
    features: [atom_counts]
  ridge:
    features: [eigenspectrum]
    grid: {alpha: [0.01, 1.0, 100.0]}
  k_nearest_neighbours:
    features: [eigenspectrum]
    distances: [manhattan]
    parameters: {p: 1}
    grid: {neighbours: [1, 3]}
  kernel_ridge:
    features: [eigenspectrum]
    distances: [squared_euclidean]
    grid: {gamma: [1.0e-3, 1.0e-2], alpha: [1.0e-6, 1.0e-3]}
"""


@pytest.fixture(scope="session")
def pages(repository):
    """Text of the README and of each page of the documentation, by file name."""
    files = [repository / "README.md", *(repository / "docs").glob("*.md")]
    return {path.name: path.read_text(encoding="utf-8") for path in files}


@pytest.fixture(scope="session")
def nothing_run(repository, pages, small_molecules, tmp_path_factory):
    """Workflow on eighty molecules, configured as docs/datasets.md says; nothing was run yet."""
    folder = tmp_path_factory.mktemp("workflow") / "new"
    folder.mkdir()
    for name in SOURCES:
        source = repository / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    lesson = re.search(r"## Your own molecules.*?```yaml\n(.*?)```", pages["datasets.md"], re.S)
    config = {**yaml.safe_load(lesson[1]), **yaml.safe_load(ROWS)}
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    file = folder / config["datasets"][DATASET]["file"]
    file.parent.mkdir()
    file.write_text(extended_xyz(small_molecules[50:130]))
    return Workflow(folder)


def extended_xyz(molecules):
    """Molecules as a user may have them, without folds."""
    lines = []
    for i, size in enumerate(molecules.sizes):
        lines += [str(size), f"energy={molecules.energies[i]:.10f}"]
        for charge, position in zip(molecules.charges[i, :size], molecules.positions[i]):  # noqa: B905
            lines.append(" ".join([SYMBOLS[charge], *(f"{x:.8f}" for x in position)]))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def first_run(nothing_run, tmp_path_factory):
    """The same after a complete run on two cores, and the jobs that it took."""
    workflow = nothing_run.copy_to(tmp_path_factory.mktemp("workflow") / "complete")
    return workflow, workflow.run()


@pytest.fixture(scope="session")
def complete(first_run):
    """The same after a complete run; not to be changed."""
    return first_run[0]


@pytest.fixture
def new(nothing_run, tmp_path):
    """A workflow of which nothing was run, to change."""
    return nothing_run.copy_to(tmp_path / "new")


@pytest.fixture
def finished(complete, tmp_path):
    """A workflow that ran to its end, to change."""
    return complete.copy_to(tmp_path / "finished")
