"""A real one-node Slurm, and the small workflow that is run on it and without it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from slurm_workflow import SmallWorkflow

CLUSTER = Path(__file__).parent / "one_node_cluster.sh"
WITHOUT_SLURM = "a Slurm cannot be started here:"
NOT_ALLOWED = 3  # exit status of the script
NOT_COPIED = shutil.ignore_patterns(".*", "results", "data", "docs", "tests", "__pycache__")
PAIRS = "PAIRS_OF_PART = 5e10"
"""What makes one part of a small kernel; there shall be several."""
CONFIGURATION = """
dataset: small
datasets: {small: {file: molecules.xyz}}
folds: [0, 1]
features:
  atom_counts:
  eigenspectrum:
  fchl19_short: {module: fchl19, parameters: {two_body_cutoff: 3.0, three_body_cutoff: 3.0}}
  gfn2_xtb: {module: xtb}
models:
  mean_predictor: {features: [atom_counts]}
  ridge: {features: [atom_counts, eigenspectrum], grid: {alpha: [0.01, 1.0]}}
  kernel_ridge:
    features: [eigenspectrum]
    distances: [squared_euclidean]
    parameters: {kernel: gaussian}
    grid: {gamma: [1.0e-5, 1.0e-4], alpha: [1.0e-6, 1.0e-4]}
    resources: {mem_mb: 1500, runtime: 45, threads: 2}
  multilayer_perceptron:
    features: [eigenspectrum]
    parameters: {batch_size: 16, epochs: 20}
    resources: {mem_mb: 1200, runtime: 30, gpu: true}
  local_kernel_ridge:
    features: [fchl19_short]
    share_kernels: true
    grid: {gamma: [0.1, 0.2], alpha: [1.0e-6, 1.0e-4]}
  large_local_kernel_ridge:
    features: [fchl19_short]
    folds: [1]
    share_kernels: true
    parameters: {gamma: 0.1, alpha: 1.0e-4}
  delta_linear_regression:
    module: linear_regression
    features: [atom_counts]
    baseline: gfn2_xtb
learning_curves:
  sizes: [20, 40]
  draws: 1
  rows: {eigenspectrum/ridge: {folds: [0]}}
ensembles:
  both:
    members: [eigenspectrum/kernel_ridge, eigenspectrum/multilayer_perceptron]
    weights: equal
"""


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[-1] for report in skipped if WITHOUT_SLURM in str(report.longrepr)]
    if reasons:
        terminalreporter.section("tests on a real Slurm", sep="!", yellow=True, bold=True)
        line = f"{len(reasons)} tests were SKIPPED: {reasons[0]}"
        terminalreporter.write_line(line, yellow=True)


def cluster_script(*arguments):
    """Run the script; where the machine does not allow a Slurm, the tests are skipped."""
    done = subprocess.run([CLUSTER, *arguments], capture_output=True, text=True, timeout=900)
    if done.returncode == NOT_ALLOWED:
        pytest.skip(f"{WITHOUT_SLURM} {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A running cluster, stopped at the end."""
    cluster_script("install")
    folder = tmp_path_factory.mktemp("cluster")
    try:
        cluster_script("start", folder)
        yield folder
    finally:
        subprocess.run([CLUSTER, "stop", folder], check=True, timeout=120)


@pytest.fixture(scope="session")
def new_workflow(repository, qm9small, tmp_path_factory):
    """Make a copy of the repository with the small configuration and 80 molecules."""

    made = []

    def make(name):
        folder = tmp_path_factory.mktemp(name) / "qm7bench"
        shutil.copytree(repository, folder, symlinks=True, ignore=NOT_COPIED)
        (folder / "config.yaml").write_text(CONFIGURATION, encoding="utf-8")
        large = folder / "src/qm7bench/models/large_local_kernel_ridge.py"
        text = large.read_text(encoding="utf-8")
        assert text.count(PAIRS) == 1
        large.write_text(text.replace(PAIRS, "PAIRS_OF_PART = 2e5"), encoding="utf-8")
        write_molecules(qm9small, folder / "molecules.xyz")
        made.append(SmallWorkflow(folder, Path(sys.executable).parent))
        return made[-1]

    yield make
    for workflow in made:
        workflow.stop()


def write_molecules(dataset, path):
    """Write 80 molecules of all sizes as extended XYZ."""
    from qm7bench.chemistry.elements import SYMBOLS

    lines = []
    for i in np.linspace(0, len(dataset) - 1, 80).astype(int):
        real = dataset.charges[i] > 0
        lines += [str(real.sum()), f"energy={dataset.energies[i]:.10f}"]
        for charge, position in zip(dataset.charges[i], dataset.positions[i], strict=True):
            if charge:
                lines.append(" ".join([SYMBOLS[charge], *(f"{x:.8f}" for x in position)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def settings():
    """The small configuration."""
    return yaml.safe_load(CONFIGURATION)


@pytest.fixture(scope="session")
def local_run(new_workflow):
    """The workflow, finished without Slurm."""
    workflow = new_workflow("local")
    workflow.run_locally()
    return workflow


@pytest.fixture(scope="session")
def first_slurm_run(cluster, new_workflow):
    """The workflow, finished on Slurm, and Slurm's records of its jobs."""
    workflow = new_workflow("slurm")
    workflow.run_on_slurm()
    return workflow, workflow.slurm_jobs()


@pytest.fixture(scope="session")
def slurm_run(first_slurm_run):
    """The workflow, finished on Slurm."""
    return first_slurm_run[0]


@pytest.fixture(scope="session")
def submitted(first_slurm_run):
    """Function that gives the records of the first run's jobs of a rule."""
    return lambda rule="": [job for job in first_slurm_run[1] if rule in job["Comment"]]
